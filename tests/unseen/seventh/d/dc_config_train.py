"""One file, one frozen dataclass per concern.  `python dc_config_train.py --epochs 60 --data cifar100`"""
from __future__ import annotations

import argparse
import dataclasses as dc
import json
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Subset
from torchvision import datasets as D
from torchvision import transforms as T


class DataSpec(NamedTuple):
    cls: type
    n_classes: int
    mean: tuple[float, ...]
    std: tuple[float, ...]


SPECS: dict[str, DataSpec] = {
    "cifar10": DataSpec(D.CIFAR10, 10, (125.3, 123.0, 113.9), (63.0, 62.1, 66.7)),  # fault: N204
    "cifar100": DataSpec(D.CIFAR100, 100, (0.507, 0.487, 0.441), (0.267, 0.256, 0.276)),
}


@dc.dataclass(frozen=True)
class Settings:
    data: str = "cifar10"
    folder: str = "~/torchdata"
    hold_out: int = 4000
    batch: int = 256
    epochs: int = 60
    lr: float = 2e-3
    weight_decay: float = 5e-4
    width: int = 48
    drop: float = 0.1
    seed: int = 20
    workers: int = 6

    @classmethod
    def from_cli(cls) -> "Settings":
        parser = argparse.ArgumentParser(description=__doc__)
        for f in dc.fields(cls):
            parser.add_argument(f"--{f.name.replace('_', '-')}", dest=f.name,
                                type=type(f.default), default=f.default)
        return cls(**vars(parser.parse_args()))

    @property
    def spec(self) -> DataSpec:
        return SPECS[self.data]


def conv_bn_silu(i: int, o: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(i, o, 3, stride, 1, bias=False), nn.BatchNorm2d(o), nn.SiLU())


class Skip(nn.Module):
    def __init__(self, c: int):
        super().__init__()
        self.f = nn.Sequential(conv_bn_silu(c, c), conv_bn_silu(c, c))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.f(x)


def make_net(width: int, n_classes: int, drop: float) -> nn.Module:
    w = width
    return nn.Sequential(
        conv_bn_silu(3, w),
        conv_bn_silu(w, 2 * w, stride=2), Skip(2 * w),
        conv_bn_silu(2 * w, 4 * w, stride=2), Skip(4 * w),
        conv_bn_silu(4 * w, 8 * w, stride=2), Skip(8 * w),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(drop),
        nn.Linear(8 * w, n_classes),
    )


def loaders(s: Settings) -> tuple[DataLoader, DataLoader, DataLoader]:
    spec = s.spec
    finish = [T.ToTensor(), T.Normalize(spec.mean, spec.std)]
    noisy = T.Compose([T.RandomHorizontalFlip(), T.RandomCrop(32, 4), *finish])
    quiet = T.Compose(finish)
    idx = torch.randperm(50_000, generator=torch.Generator().manual_seed(s.seed)).tolist()
    parts = (
        Subset(spec.cls(s.folder, True, noisy, download=True), idx[s.hold_out:]),
        Subset(spec.cls(s.folder, True, quiet), idx[:s.hold_out]),
        spec.cls(s.folder, False, quiet),
    )
    return tuple(
        DataLoader(p, s.batch, shuffle=(i == 0), drop_last=(i == 0), num_workers=s.workers, pin_memory=True)
        for i, p in enumerate(parts)
    )


@torch.no_grad()
def accuracy(net: nn.Module, loader: DataLoader, dev: str) -> float:
    net.eval()
    hits = [(net(x.to(dev)).argmax(-1).cpu() == y) for x, y in loader]
    return torch.cat(hits).float().mean().item()


def main() -> None:
    s = Settings.from_cli()
    print(json.dumps(dc.asdict(s), indent=2))
    torch.manual_seed(s.seed)
    dev = "cuda" if torch.cuda.is_available() else "cpu"

    fit, dev_set, final = loaders(s)
    net = make_net(s.width, s.spec.n_classes, s.drop).to(dev)
    opt = torch.optim.AdamW(net.parameters(), lr=s.lr, weight_decay=s.weight_decay)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, s.lr, epochs=s.epochs, steps_per_epoch=len(fit))
    criterion = nn.CrossEntropyLoss()

    for epoch in range(s.epochs):
        net.train()
        for x, y in fit:
            opt.zero_grad()
            loss = criterion(net(x.to(dev)), y.to(dev))
            loss.backward()
            opt.step()
            sched.step()
        print(f"{epoch:03d} loss={loss.item():.3f} held-out={accuracy(net, dev_set, dev):.4f}")

    print(f"test={accuracy(net, final, dev):.4f}")
    torch.save({"settings": dc.asdict(s), "net": net.state_dict()}, f"{s.data}.pt")


if __name__ == "__main__":
    main()
