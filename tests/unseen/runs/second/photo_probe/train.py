"""Linear probe on frozen resnet18 features."""
import argparse
from pathlib import Path

import torch
import torch.nn as nn
import torchvision.transforms as T
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder
from torchvision.models import resnet18


class Probe(nn.Module):
    def __init__(self, weights, num_classes):
        super().__init__()
        backbone = resnet18()
        backbone.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
        self.dim = backbone.fc.in_features
        backbone.fc = nn.Identity()
        self.backbone = backbone.requires_grad_(False)
        self.norm = nn.BatchNorm1d(self.dim, affine=False)
        self.head = nn.Linear(self.dim, num_classes)

    def train(self, mode=True):
        super().train(mode)
        self.backbone.eval()        # running statistics of the backbone stay as they are
        return self

    def forward(self, x):
        with torch.no_grad():
            f = self.backbone(x)
        return self.head(self.norm(f))


def loaders(root, size, bs, workers):
    norm = T.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
    aug = T.Compose([T.RandomResizedCrop(size, scale=(0.4, 1)), T.RandomHorizontalFlip(), T.ToTensor(), norm])
    plain = T.Compose([T.Resize(size * 8 // 7), T.CenterCrop(size), T.ToTensor(), norm])
    sets = {s: ImageFolder(root / s, aug if s == "train" else plain) for s in ("train", "val", "test")}
    assert sets["train"].class_to_idx == sets["val"].class_to_idx == sets["test"].class_to_idx
    return {s: DataLoader(d, bs, shuffle=s == "train", num_workers=workers, drop_last=s == "train")
            for s, d in sets.items()}


@torch.inference_mode()
def score(model, loader, device):
    was_training = model.training
    model.eval()
    right = total = 0
    for x, y in loader:
        right += model(x.to(device)).argmax(1).eq(y.to(device)).sum().item()
        total += y.numel()
    model.train(was_training)
    return 100 * right / total


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--root", type=Path, default=Path("photos"))
    p.add_argument("--weights", default="weights/resnet18.pth")
    p.add_argument("--epochs", type=int, default=30)
    p.add_argument("--bs", type=int, default=64)
    p.add_argument("--lr", type=float, default=0.01)
    p.add_argument("--size", type=int, default=160)
    p.add_argument("--workers", type=int, default=2)
    a = p.parse_args()

    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(0)
    dl = loaders(a.root, a.size, a.bs, a.workers)
    model = Probe(a.weights, len(dl["train"].dataset.classes)).to(device)
    opt = torch.optim.SGD((q for q in model.parameters() if q.requires_grad), lr=a.lr, momentum=0.9)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, a.epochs * len(dl["train"]))
    ce = nn.CrossEntropyLoss()

    model.train()
    for ep in range(a.epochs):
        run = 0.0
        for x, y in dl["train"]:
            loss = ce(model(x.to(device)), y.to(device))
            opt.zero_grad()
            loss.backward()
            opt.step()
            sched.step()            # T_max counts batches
            run += loss.item()
        print(f"epoch {ep + 1}: loss {run / len(dl['train']):.3f}, val {score(model, dl['val'], device):.1f} %")
    print(f"test {score(model, dl['test'], device):.1f} %")
    torch.save(model.head.state_dict(), "probe_head.pt")


if __name__ == "__main__":
    main()
