"""Street view house numbers, own wide residual network, config as dataclasses.

The schema below gives types and fallback values, conf/main.yaml and the chosen
experiment say what is really used:

    python hydra_svhn.py
    python hydra_svhn.py +experiment=quick
"""
from dataclasses import dataclass, field
from typing import Any, List, Optional

import hydra
import torch
import torch.nn.functional as F
from hydra.core.config_store import ConfigStore
from hydra.utils import instantiate
from omegaconf import MISSING, OmegaConf
from torch import nn
from torch.utils.data import DataLoader, Subset
from torchmetrics.classification import MulticlassAccuracy
from torchvision import transforms as T
from torchvision.datasets import SVHN


@dataclass
class NetConf:
    _target_: str = "wide.WideResNet"
    depth: int = 16
    widen: int = 2
    dropout: float = 0.0
    num_classes: int = 10


@dataclass
class OptimConf:
    _target_: str = "torch.optim.SGD"
    _partial_: bool = True
    lr: float = 0.01
    momentum: float = 0.0
    weight_decay: float = 0.0
    nesterov: bool = False


@dataclass
class SchedConf:
    _target_: str = MISSING
    _partial_: bool = True


@dataclass
class CosineConf(SchedConf):
    _target_: str = "torch.optim.lr_scheduler.CosineAnnealingLR"
    T_max: int = "${epochs}"
    eta_min: float = 0.0


@dataclass
class DataConf:
    root: str = MISSING
    batch_size: int = 64
    workers: int = 4
    val_pictures: int = 6000
    mean: List[float] = field(default_factory=lambda: [0.4377, 0.4438, 0.4728])
    std: List[float] = field(default_factory=lambda: [0.1980, 0.2010, 0.1970])


@dataclass
class MainConf:
    defaults: List[Any] = field(default_factory=lambda: ["_self_"])
    net: NetConf = field(default_factory=NetConf)
    optim: OptimConf = field(default_factory=OptimConf)
    sched: CosineConf = field(default_factory=CosineConf)
    data: DataConf = field(default_factory=DataConf)
    epochs: int = 100
    seed: int = 0
    clip: Optional[float] = None


ConfigStore.instance().store(name="main_schema", node=MainConf)


def make_loaders(c: DataConf, seed: int):
    norm = T.Normalize(list(c.mean), list(c.std))
    # digits: no mirror images
    aug = T.Compose([T.RandomCrop(32, padding=3), T.ColorJitter(0.3, 0.3), T.ToTensor(), norm])
    plain = T.Compose([T.ToTensor(), norm])
    augmented = SVHN(c.root, "train", transform=aug, download=True)
    unchanged = SVHN(c.root, "train", transform=plain)
    test = SVHN(c.root, "test", transform=plain, download=True)
    idx = torch.randperm(len(augmented), generator=torch.Generator().manual_seed(seed)).tolist()
    common = dict(num_workers=c.workers, pin_memory=True)
    return (
        DataLoader(Subset(augmented, idx[c.val_pictures:]), c.batch_size, shuffle=True, drop_last=True, **common),
        DataLoader(Subset(unchanged, idx[:c.val_pictures]), 512, **common),
        DataLoader(test, 512, **common),
    )


@torch.inference_mode()
def accuracy(net: nn.Module, loader: DataLoader, device: torch.device) -> float:
    metric = MulticlassAccuracy(10, average="micro").to(device)
    net.eval()
    for x, y in loader:
        metric.update(net(x.to(device, non_blocking=True)), y.to(device, non_blocking=True))
    return metric.compute().item()


@hydra.main(version_base=None, config_path="conf", config_name="main")
def main(cfg: MainConf) -> None:
    print(OmegaConf.to_yaml(cfg, resolve=True))
    torch.manual_seed(cfg.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    train, val, test = make_loaders(cfg.data, cfg.seed)

    net = instantiate(cfg.net).to(device)
    optimizer = instantiate(cfg.optim)(net.parameters())
    scheduler = instantiate(cfg.sched)(optimizer)

    best = 0.0
    for epoch in range(cfg.epochs):
        net.train()
        total = torch.zeros((), device=device)
        for x, y in train:
            x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
            loss = F.cross_entropy(net(x), y)
            optimizer.zero_grad()
            loss.backward()
            if cfg.clip is not None:
                nn.utils.clip_grad_norm_(net.parameters(), cfg.clip)
            optimizer.step()
            total += loss.detach()
        scheduler.step()
        now = accuracy(net, val, device)
        print(f"[{epoch + 1}/{cfg.epochs}] loss {total.item() / len(train):.4f} val {now:.4f}")
        if now >= best:
            best = now
            torch.save(net.state_dict(), "svhn_best.pt")

    net.load_state_dict(torch.load("svhn_best.pt", map_location=device))
    print(f"test accuracy of the epoch with the best validation: {accuracy(net, test, device):.4f}")


if __name__ == "__main__":
    main()
