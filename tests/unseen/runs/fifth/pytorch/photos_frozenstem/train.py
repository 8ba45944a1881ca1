import argparse

import torch
import torchvision
from torch import nn
from torch.utils.data import DataLoader
from torchvision import transforms as T
from torchvision.datasets import ImageFolder


class StemFrozenResNet(nn.Module):
    """resnet18 whose stem and first stage keep the loaded weights and statistics."""

    def __init__(self, weights, classes, dropout=0.2):
        super().__init__()
        base = torchvision.models.resnet18(num_classes=10)
        base.load_state_dict(torch.load(weights, map_location="cpu"))
        self.stem = nn.Sequential(base.conv1, base.bn1, base.relu, base.maxpool, base.layer1)
        self.body = nn.Sequential(base.layer2, base.layer3, base.layer4)
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(dropout),
                                  nn.Linear(base.fc.in_features, classes))
        self.stem.requires_grad_(False)

    def train(self, mode=True):
        super().train()
        self.stem.eval()
        return self

    def forward(self, x):
        return self.head(self.body(self.stem(x)))


class Meter:
    def __init__(self):
        self.sum = self.n = 0

    def add(self, value, n):
        self.sum += value * n
        self.n += n

    @property
    def mean(self):
        return self.sum / max(1, self.n)


def evaluate(model, loader, criterion):
    loss, acc = Meter(), Meter()
    model.eval()
    with torch.no_grad():
        for x, y in loader:
            out = model(x)
            loss.add(criterion(out, y).item(), len(y))
            acc.add((out.argmax(1) == y).float().mean().item(), len(y))
    return loss.mean, acc.mean


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--data", default="photos")
    ap.add_argument("--weights", default="weights/resnet18_ten.pth")
    ap.add_argument("--epochs", type=int, default=25)
    ap.add_argument("--lr", type=float, default=0.01)
    ap.add_argument("--batch", type=int, default=32)
    a = ap.parse_args()
    torch.manual_seed(2)
    norm = T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    train = ImageFolder(f"{a.data}/train", T.Compose([T.RandomHorizontalFlip(), T.RandomCrop(64, padding=6), T.ToTensor(), norm]))
    val = ImageFolder(f"{a.data}/val", T.Compose([T.ToTensor(), norm]))
    train_dl = DataLoader(train, a.batch, shuffle=True, drop_last=True)
    val_dl = DataLoader(val, 16)

    model = StemFrozenResNet(a.weights, len(train.classes))
    trainable = [p for p in model.parameters() if p.requires_grad]
    opt = torch.optim.SGD(trainable, lr=a.lr, momentum=0.9, weight_decay=1e-4)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, a.epochs)
    criterion = nn.CrossEntropyLoss()
    for epoch in range(a.epochs):
        model.train()
        m = Meter()
        for x, y in train_dl:
            opt.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            opt.step()
            m.add(loss.item(), len(y))
        sched.step()
        vl, va = evaluate(model, val_dl, criterion)
        print(f"epoch {epoch}: train {m.mean:.4f} val {vl:.4f} acc {va:.4f}", flush=True)


if __name__ == "__main__":
    main()
