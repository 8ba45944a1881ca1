"""Fine-tune a torchvision network on a folder dataset.

    python birds_hydra.py                       # the experiment named in conf/config.yaml
    python birds_hydra.py run.epochs=50 optimizer.lr=0.005
"""
import logging
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional

import hydra
import numpy as np
import torch
from hydra.core.config_store import ConfigStore
from hydra.core.hydra_config import HydraConfig
from hydra.utils import instantiate, to_absolute_path
from omegaconf import MISSING, OmegaConf
from torch import nn
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder

log = logging.getLogger(__name__)


@dataclass
class RunConf:
    epochs: int = 10
    batch_size: int = 64
    workers: int = 8
    seed: int = 0
    clip: Optional[float] = None
    label_smoothing: float = 0.0


@dataclass
class Conf:
    run: RunConf = field(default_factory=RunConf)
    classes: int = MISSING
    data: Any = MISSING
    model: Any = MISSING
    optimizer: Any = MISSING
    scheduler: Any = MISSING


ConfigStore.instance().store(name="schema", node=Conf)


def seed_all(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def loaders(cfg):
    root = Path(to_absolute_path(cfg.data.root))
    train = ImageFolder(root / "train", instantiate(cfg.data.train_transform))
    val = ImageFolder(root / "val", instantiate(cfg.data.val_transform))
    assert train.class_to_idx == val.class_to_idx and len(train.classes) == cfg.classes
    kw = dict(num_workers=cfg.run.workers, pin_memory=True, persistent_workers=cfg.run.workers > 0)
    return (
        DataLoader(train, cfg.run.batch_size, shuffle=True, drop_last=True, **kw),
        DataLoader(val, 2 * cfg.run.batch_size, **kw),
    )


@torch.inference_mode()
def validate(net, loader, device):
    net.eval()
    right = torch.zeros((), device=device)
    seen = 0
    for x, y in loader:
        x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
        right += (net(x).argmax(1) == y).sum()
        seen += len(y)
    return (right / seen).item()


@hydra.main(version_base="1.3", config_path="conf", config_name="config")
def main(cfg: Conf) -> float:
    log.info("\n%s", OmegaConf.to_yaml(cfg, resolve=True))
    seed_all(cfg.run.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    train_loader, val_loader = loaders(cfg)

    net = instantiate(cfg.model).to(device)
    optimizer = instantiate(cfg.optimizer)(net.parameters())
    scheduler = instantiate(cfg.scheduler)(optimizer)
    criterion = nn.CrossEntropyLoss(label_smoothing=cfg.run.label_smoothing)
    scaler = torch.cuda.amp.GradScaler(enabled=device.type == "cuda")

    best = 0.0
    out = Path(HydraConfig.get().runtime.output_dir)
    for epoch in range(cfg.run.epochs):
        net.train()
        running = torch.zeros((), device=device)
        for x, y in train_loader:
            x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
            optimizer.zero_grad(set_to_none=True)
            with torch.autocast(device.type, dtype=torch.float16, enabled=device.type == "cuda"):
                loss = criterion(net(x), y)
            scaler.scale(loss).backward()
            if cfg.run.clip is not None:
                scaler.unscale_(optimizer)
                nn.utils.clip_grad_norm_(net.parameters(), cfg.run.clip)
            scaler.step(optimizer)
            scaler.update()
            running += loss.detach()
        scheduler.step()

        acc = validate(net, val_loader, device)
        log.info("epoch %d  loss %.4f  val acc %.4f", epoch, running.item() / len(train_loader), acc)
        if acc > best:
            best = acc
            torch.save(net.state_dict(), out / "best.pt")
    return best


if __name__ == "__main__":
    main()
