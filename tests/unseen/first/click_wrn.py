# Sound.
from dataclasses import asdict, dataclass
from pathlib import Path

import click
import torch
import torch.nn.functional as F
from torch import nn
from torch.optim.lr_scheduler import OneCycleLR
from torch.utils.data import DataLoader
from torchvision import transforms as T
from torchvision.datasets import CIFAR100


@dataclass
class Cfg:
    depth: int
    width: int
    epochs: int
    batch: int
    max_lr: float
    wd: float
    out: Path
    resume: Path = None


class Wide(nn.Module):
    def __init__(self, i, o, s, p):
        super().__init__()
        self.n1 = nn.BatchNorm2d(i)
        self.c1 = nn.Conv2d(i, o, 3, s, 1, bias=False)
        self.n2 = nn.BatchNorm2d(o)
        self.c2 = nn.Conv2d(o, o, 3, 1, 1, bias=False)
        self.p = p
        self.proj = nn.Conv2d(i, o, 1, s, bias=False) if i != o or s != 1 else None

    def forward(self, x):
        h = F.relu(self.n1(x))
        r = x if self.proj is None else self.proj(h)
        h = self.c1(h)
        h = F.dropout(F.relu(self.n2(h)), self.p, training=self.training)
        return self.c2(h) + r


def wide_resnet(depth, k, classes, p=0.3):
    assert (depth - 4) % 6 == 0
    n = (depth - 4) // 6
    mods, i = [nn.Conv2d(3, 16, 3, 1, 1, bias=False)], 16
    for o, s in ((16 * k, 1), (32 * k, 2), (64 * k, 2)):
        for b in range(n):
            mods.append(Wide(i, o, s if b == 0 else 1, p))
            i = o
    mods += [nn.BatchNorm2d(i), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(i, classes)]
    return nn.Sequential(*mods)


def make_data(cfg):
    m, s = [0.5071, 0.4865, 0.4409], [0.2673, 0.2564, 0.2762]
    base = [T.ToTensor(), T.Normalize(m, s)]
    tr = CIFAR100("~/datasets", True, T.Compose([T.RandomCrop(32, 4, padding_mode="reflect"),
                                                 T.RandomHorizontalFlip()] + base), download=True)
    te = CIFAR100("~/datasets", False, T.Compose(base), download=True)
    return (DataLoader(tr, cfg.batch, True, num_workers=4, drop_last=True, pin_memory=True),
            DataLoader(te, 512, num_workers=4, pin_memory=True))


def evaluate(net, dl, dev):
    net.eval()
    with torch.no_grad():
        k = sum(int((net(a.to(dev)).argmax(1) == b.to(dev)).sum()) for a, b in dl)
    net.train()
    return k / len(dl.dataset)


def work(cfg):
    dev = "cuda" if torch.cuda.is_available() else "cpu"
    tr, te = make_data(cfg)
    net = wide_resnet(cfg.depth, cfg.width, 100).to(dev)
    opt = torch.optim.SGD(net.parameters(), lr=cfg.max_lr, momentum=0.9, nesterov=True, weight_decay=cfg.wd)
    sch = OneCycleLR(opt, max_lr=cfg.max_lr, epochs=cfg.epochs, steps_per_epoch=len(tr), pct_start=0.3)
    start = 0
    if cfg.resume is not None:
        ck = torch.load(cfg.resume, map_location=dev)
        net.load_state_dict(ck["net"])
        opt.load_state_dict(ck["opt"])
        sch.load_state_dict(ck["sch"])
        start = ck["epoch"] + 1

    for ep in range(start, cfg.epochs):
        net.train()
        for x, y in tr:
            opt.zero_grad(set_to_none=True)
            F.cross_entropy(net(x.to(dev)), y.to(dev)).backward()
            opt.step()
            sch.step()
        acc = evaluate(net, te, dev)
        click.echo(f"{ep:3d} {acc:.4f}")
        torch.save(dict(net=net.state_dict(), opt=opt.state_dict(), sch=sch.state_dict(),
                        epoch=ep, cfg={k: str(v) for k, v in asdict(cfg).items()}), cfg.out)


@click.command()
@click.option("--depth", default=28, show_default=True)
@click.option("--width", default=10, show_default=True)
@click.option("--epochs", default=60, show_default=True)
@click.option("--batch", default=128, show_default=True)
@click.option("--max-lr", default=0.1, show_default=True)
@click.option("--wd", default=5e-4, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), default="wrn.pt")
@click.option("--resume", type=click.Path(path_type=Path, exists=True), default=None)
def cli(**kw):
    torch.manual_seed(17)
    work(Cfg(**kw))


if __name__ == "__main__":
    cli()
