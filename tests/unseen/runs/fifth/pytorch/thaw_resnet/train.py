import argparse

import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, models, transforms as T

STAGES = ["layer4", "layer3", "layer2", "layer1", "stem"]


def stage_modules(net, name):
    return [net.conv1, net.bn1] if name == "stem" else [getattr(net, name)]


class Finetuner:
    def __init__(self, net, lr, decay):
        self.net, self.lr, self.decay = net, lr, decay
        self.frozen = set(STAGES)
        for p in net.parameters():
            p.requires_grad_(False)
        for p in net.fc.parameters():
            p.requires_grad_(True)
        self.opt = torch.optim.SGD(net.fc.parameters(), lr=lr, momentum=0.9, weight_decay=1e-4)

    def thaw(self, name):
        params = [p for m in stage_modules(self.net, name) for p in m.parameters()]
        for p in params:
            p.requires_grad_(True)
        self.frozen.discard(name)
        depth = STAGES.index(name) + 1
        self.opt.add_param_group({"params": params, "lr": self.lr * self.decay ** depth})
        print(f"thawed {name} with lr {self.lr * self.decay ** depth:.5f}")

    def train_mode(self):
        self.net.train()
        for name in self.frozen:  # statistics of frozen stages stay as loaded
            for m in stage_modules(self.net, name):
                m.eval()

    def epoch(self, loader, criterion):
        self.train_mode()
        total = 0.0
        for x, y in loader:
            self.opt.zero_grad()
            loss = criterion(self.net(x), y)
            loss.backward()
            self.opt.step()
            total += loss.item() * x.size(0)
        return total / len(loader.dataset)

    @torch.no_grad()
    def validate(self, loader):
        self.net.eval()
        ok = sum((self.net(x).argmax(1) == y).sum().item() for x, y in loader)
        return ok / len(loader.dataset)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--root", default="photos")
    ap.add_argument("--weights", default="weights/resnet18_ten.pth")
    ap.add_argument("--epochs", type=int, default=30)
    ap.add_argument("--thaw-every", type=int, default=4)
    args = ap.parse_args()
    torch.manual_seed(1)

    norm = T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    train_tf = T.Compose([T.RandomResizedCrop(64, scale=(0.7, 1.0)), T.RandomHorizontalFlip(), T.ToTensor(), norm])
    val_tf = T.Compose([T.Resize((64, 64)), T.ToTensor(), norm])
    train_ds = datasets.ImageFolder(f"{args.root}/train", train_tf)
    val_ds = datasets.ImageFolder(f"{args.root}/val", val_tf)
    assert train_ds.class_to_idx == val_ds.class_to_idx

    net = models.resnet18(weights=None)
    state = torch.load(args.weights, map_location="cpu")
    state = {k: v for k, v in state.items() if not k.startswith("fc.")}
    missing, unexpected = net.load_state_dict(state, strict=False)
    assert set(missing) == {"fc.weight", "fc.bias"} and not unexpected
    net.fc = nn.Linear(net.fc.in_features, len(train_ds.classes))

    tuner = Finetuner(net, lr=0.01, decay=0.6)
    criterion = nn.CrossEntropyLoss()
    train_dl = DataLoader(train_ds, batch_size=32, shuffle=True)
    val_dl = DataLoader(val_ds, batch_size=50)
    waiting = list(STAGES)
    for e in range(args.epochs):
        if e and e % args.thaw_every == 0 and waiting:
            tuner.thaw(waiting.pop(0))
        loss = tuner.epoch(train_dl, criterion)
        print(f"epoch {e} loss {loss:.4f} val {tuner.validate(val_dl):.4f}", flush=True)


if __name__ == "__main__":
    main()
