"""Galaxy morphology, 10 kinds, ResNet-34 trunk in mixed precision."""
import argparse
import pathlib

import torch
import torchvision.transforms as T
from torch import nn
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder
from torchvision.models import ResNet34_Weights, resnet34


class GalaxyClassifier(nn.Module):
    def __init__(self, kinds: int):
        super().__init__()
        children = list(resnet34(weights=ResNet34_Weights.IMAGENET1K_V1).children())
        self.trunk = nn.Sequential(*children[:-2])      # without pooling and fc
        self.avg = nn.AdaptiveAvgPool2d(1)
        self.max = nn.AdaptiveMaxPool2d(1)
        self.head = nn.Sequential(nn.Dropout(0.25), nn.Linear(2 * 512, kinds))

    def forward(self, x):
        f = self.trunk(x)
        f = torch.cat([self.avg(f), self.max(f)], dim=1).flatten(1)
        return self.head(f)


class Session:
    def __init__(self, args):
        self.args = args
        self.device = torch.device("cuda")
        self.model = GalaxyClassifier(10).to(self.device)
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=args.lr)
        self.schedule = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(self.optimizer, T_0=5, T_mult=2)
        self.scaler = torch.amp.GradScaler("cuda")
        self.criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
        self.loaders = {k: self._loader(k) for k in ("train", "valid", "test")}

    def _loader(self, part):
        finish = [T.ToTensor(), T.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))]
        if part == "train":
            first = [T.RandomRotation(180), T.CenterCrop(224), T.RandomHorizontalFlip()]
        else:
            first = [T.CenterCrop(224)]
        # pictures are 256x256
        ds = ImageFolder(self.args.root / part, T.Compose(first + finish))
        return DataLoader(ds, batch_size=self.args.batch, shuffle=part == "train",
                          num_workers=self.args.workers, pin_memory=True)

    def optimise(self, x, y):
        self.optimizer.zero_grad(set_to_none=True)
        with torch.autocast(device_type="cuda", dtype=torch.float16):
            loss = self.criterion(self.model(x), y)
        self.scaler.scale(loss).backward()
        self.scaler.unscale_(self.optimizer)
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), max_norm=2.0)
        self.scaler.step(self.optimizer)
        self.scaler.update()

    def train(self):
        self.model.train()
        for x, y in self.loaders["train"]:
            self.optimise(x.to(self.device, non_blocking=True), y.to(self.device, non_blocking=True))
        self.schedule.step()

    @torch.no_grad()
    def accuracy(self, part):
        self.model.eval()
        hits = torch.zeros((), device=self.device)
        for x, y in self.loaders[part]:
            with torch.autocast(device_type="cuda", dtype=torch.float16):
                z = self.model(x.to(self.device, non_blocking=True))
            hits += (z.argmax(1) == y.to(self.device)).sum()
        return hits.item() / len(self.loaders[part].dataset)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("root", type=pathlib.Path)
    ap.add_argument("--epochs", type=int, default=35)
    ap.add_argument("--batch", type=int, default=64)
    ap.add_argument("--lr", type=float, default=2e-4)
    ap.add_argument("--workers", type=int, default=8)
    ap.add_argument("--seed", type=int, default=0)
    args = ap.parse_args()
    torch.manual_seed(args.seed)

    s = Session(args)
    best, keep = 0.0, pathlib.Path("galaxy.pt")
    for epoch in range(args.epochs):
        s.train()
        acc = s.accuracy("valid")
        print(f"epoch {epoch:02d} valid {acc:.4f}")
        if acc > best:
            best = acc
            torch.save(s.model.state_dict(), keep)
    s.model.load_state_dict(torch.load(keep, map_location=s.device))
    print(f"test {s.accuracy('test'):.4f}")


if __name__ == "__main__":
    main()
