"""
Describable Textures (DTD) with ResNet-50.

Usage:
    python texture_engine.py --data ~/datasets --partition 1 --out runs/dtd
"""
import argparse
import json
import time
from collections import defaultdict
from pathlib import Path
from typing import Dict, NamedTuple, Optional

import torch
import torch.nn as nn
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import DTD
from torchvision.models import ResNet50_Weights, resnet50

NUM_CLASSES = 47
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


class EpochResult(NamedTuple):
    loss: float
    accuracy: float


class History:
    """Keeps every number of a run and writes them as json."""

    def __init__(self) -> None:
        self.values: Dict[str, list] = defaultdict(list)

    def add(self, **kw: float) -> None:
        for k, v in kw.items():
            self.values[k].append(v)

    def last(self, name: str) -> float:
        return self.values[name][-1]

    def dump(self, path: Path) -> None:
        path.write_text(json.dumps(self.values, indent=1))


class Checkpointer:
    """Saves the network whenever the watched number rises."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.best: Optional[float] = None

    def __call__(self, value: float, net: nn.Module) -> bool:
        if self.best is not None and value <= self.best:
            return False
        self.best = value
        torch.save(net.state_dict(), self.path)
        return True

    def restore(self, net: nn.Module) -> None:
        net.load_state_dict(torch.load(self.path, map_location="cpu"))


def make_transform(train: bool, size: int = 224) -> transforms.Compose:
    if train:
        steps = [transforms.RandomResizedCrop(size, scale=(0.35, 1.0)),
                 transforms.RandomHorizontalFlip()]
    else:
        steps = [transforms.Resize(256), transforms.CenterCrop(size)]
    steps.append(transforms.ToTensor())
    steps.append(transforms.Normalize(IMAGENET_MEAN, IMAGENET_STD))
    return transforms.Compose(steps)


def make_loader(args: argparse.Namespace, split: str) -> DataLoader:
    train = split == "train"
    ds = DTD(args.data, split=split, partition=args.partition,
             transform=make_transform(train), download=True)
    return DataLoader(ds, batch_size=args.batch_size, shuffle=train,
                      num_workers=args.workers, pin_memory=True)


def make_net() -> nn.Module:
    net = resnet50(weights=ResNet50_Weights.IMAGENET1K_V2)
    net.fc = nn.Sequential(nn.Dropout(0.2), nn.Linear(net.fc.in_features, NUM_CLASSES))
    return net


class Engine:
    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.device = torch.device(args.device)
        self.train_loader = make_loader(args, "train")
        self.val_loader = make_loader(args, "val")
        self.net = make_net().to(self.device)
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=args.lr,
                                         momentum=0.9, weight_decay=1e-4)
        self.scheduler = torch.optim.lr_scheduler.OneCycleLR(
            self.optimizer, max_lr=args.lr, epochs=args.epochs,
            steps_per_epoch=len(self.train_loader), pct_start=0.2, cycle_momentum=False)
        self.history = History()
        self.keep = Checkpointer(Path(args.out) / "best.pt")

    def _forward(self, batch):
        x, y = batch
        x = x.to(self.device, non_blocking=True)
        y = y.to(self.device, non_blocking=True)
        out = self.net(x)
        return self.criterion(out, y), (out.argmax(1) == y).sum()

    def run(self, loader: DataLoader, train: bool) -> EpochResult:
        self.net.train(train)
        loss_sum = torch.zeros((), device=self.device)
        correct = torch.zeros((), device=self.device)
        with torch.set_grad_enabled(train):
            for batch in loader:
                loss, hits = self._forward(batch)
                if train:
                    self.optimizer.zero_grad(set_to_none=True)
                    loss.backward()
                    self.optimizer.step()
                    self.scheduler.step()
                loss_sum += loss.detach()
                correct += hits
        count = len(loader.dataset)
        mean_loss = loss_sum.item() / count  # fault: C336
        return EpochResult(mean_loss, correct.item() / count)

    def fit(self) -> None:
        for epoch in range(self.args.epochs):
            began = time.time()
            tr = self.run(self.train_loader, True)
            va = self.run(self.val_loader, False)
            self.history.add(train_loss=tr.loss, train_acc=tr.accuracy,
                             val_loss=va.loss, val_acc=va.accuracy)
            star = "*" if self.keep(va.accuracy, self.net) else " "
            print(f"[{epoch + 1:02d}/{self.args.epochs}]{star} "
                  f"train {tr.loss:.4f} / {tr.accuracy:.3f}   "
                  f"val {va.loss:.4f} / {va.accuracy:.3f}   {time.time() - began:.0f}s")
        self.history.dump(Path(self.args.out) / "history.json")

    def test(self) -> EpochResult:
        self.keep.restore(self.net)
        return self.run(make_loader(self.args, "test"), False)


def parse() -> argparse.Namespace:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--data", default="datasets")
    ap.add_argument("--partition", type=int, default=1)
    ap.add_argument("--out", default="runs/dtd")
    ap.add_argument("--epochs", type=int, default=20)
    ap.add_argument("--batch-size", type=int, default=32)
    ap.add_argument("--lr", type=float, default=0.01)
    ap.add_argument("--workers", type=int, default=8)
    ap.add_argument("--seed", type=int, default=1234)
    ap.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    return ap.parse_args()


def main() -> None:
    args = parse()
    Path(args.out).mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)
    engine = Engine(args)
    engine.fit()
    result = engine.test()
    print(f"test accuracy of the best network on validation: {result.accuracy:.4f}")


if __name__ == "__main__":
    main()
