"""
Fine-tuning of ConvNeXt-Tiny on a bird list, in bfloat16.

The lists are csv files "path;species"; species.txt holds one name per line, in the order of the outputs.
"""
from __future__ import annotations

import argparse
import dataclasses
import math
from pathlib import Path

import albumentations as A
import cv2
import timm
import torch
from albumentations.pytorch import ToTensorV2
from torch import nn
from torch.utils.data import DataLoader, Dataset

cv2.setNumThreads(0)


@dataclasses.dataclass
class Config:
    root: Path = Path("birds")
    arch: str = "convnext_tiny.fb_in22k_ft_in1k"
    n_species: int = 120
    size: int = 224
    batch_size: int = 64
    epochs: int = 20
    warmup_epochs: int = 2
    lr: float = 1e-4
    weight_decay: float = 0.05
    clip: float = 1.0
    label_smoothing: float = 0.1
    workers: int = 8
    seed: int = 17


class BirdList(Dataset):
    def __init__(self, cfg: Config, name: str, pipeline: A.Compose):
        species = (cfg.root / "species.txt").read_text().split("\n")
        number = {s.strip(): k for k, s in enumerate(species) if s.strip()}
        if len(number) != cfg.n_species:
            raise ValueError(f"species.txt: {len(number)} names, expected {cfg.n_species}")
        rows = [r.split(";") for r in (cfg.root / name).read_text().splitlines() if r]
        self.samples = [(cfg.root / p, number[s.strip()]) for p, s in rows]
        self.pipeline = pipeline

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, i: int):
        path, label = self.samples[i]
        bgr = cv2.imread(str(path))
        rgb = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
        return self.pipeline(image=rgb)["image"], label


def pipelines(cfg: Config):
    # A.Normalize without arguments: ImageNet statistics, pixels of 0..255
    end = [A.Normalize(), ToTensorV2()]
    train = A.Compose([
        A.RandomResizedCrop(size=(cfg.size, cfg.size), scale=(0.35, 1.0)),
        A.HorizontalFlip(p=0.5),
        A.ColorJitter(0.3, 0.3, 0.3, 0.05, p=0.8),
        *end,
    ])
    val = A.Compose([
        A.SmallestMaxSize(max_size=256),
        A.CenterCrop(height=cfg.size, width=cfg.size),
        *end,
    ])
    return train, val


def param_groups(model: nn.Module, weight_decay: float):
    decay, plain = [], []
    for p in model.parameters():
        (plain if p.ndim <= 1 else decay).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": plain, "weight_decay": 0.0}]


def factor(step: int, warm: int, total: int) -> float:
    if step < warm:
        return (step + 1) / warm
    return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, total - warm)))


@torch.inference_mode()
def validate(model: nn.Module, loader: DataLoader, device: torch.device):
    model.eval()
    top1 = torch.zeros((), device=device)
    top5 = torch.zeros((), device=device)
    for x, y in loader:
        x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
        with torch.autocast("cuda", dtype=torch.bfloat16):
            logits = model(x)
        five = logits.float().topk(5, dim=1).indices
        hit = five == y[:, None]
        top1 += hit[:, 0].sum()
        top5 += hit.any(dim=1).sum()
    n = len(loader.dataset)
    return top1.item() / n, top5.item() / n


def train(cfg: Config, out: Path) -> None:
    torch.manual_seed(cfg.seed)
    device = torch.device("cuda")
    tf_train, tf_val = pipelines(cfg)
    train_loader = DataLoader(BirdList(cfg, "train.csv", tf_train), cfg.batch_size, shuffle=True, drop_last=True,
                              num_workers=cfg.workers, pin_memory=True, persistent_workers=True)
    val_loader = DataLoader(BirdList(cfg, "val.csv", tf_val), cfg.batch_size, shuffle=False,
                            num_workers=cfg.workers, pin_memory=True, persistent_workers=True)

    model = timm.create_model(cfg.arch, pretrained=True, num_classes=cfg.n_species).to(device)
    optimizer = torch.optim.AdamW(param_groups(model, cfg.weight_decay), lr=cfg.lr)
    total = cfg.epochs * len(train_loader)
    warm = cfg.warmup_epochs * len(train_loader)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: factor(s, warm, total))
    criterion = nn.CrossEntropyLoss(label_smoothing=cfg.label_smoothing)

    best = 0.0
    for epoch in range(cfg.epochs):
        model.train()
        mean_loss = torch.zeros((), device=device)
        for x, y in train_loader:
            x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
            with torch.autocast("cuda", dtype=torch.bfloat16):
                loss = criterion(model(x), y)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), cfg.clip)
            optimizer.step()
            scheduler.step()
            optimizer.zero_grad(set_to_none=True)
            mean_loss += loss.detach() / len(train_loader)
        top1, top5 = validate(model, val_loader, device)
        print(f"{epoch:02d} loss={mean_loss.item():.4f} top1={top1:.4f} top5={top5:.4f}", flush=True)
        if top1 > best:
            best = top1
            torch.save({"arch": cfg.arch, "state_dict": model.state_dict()}, out)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=Path, default=Config.root)
    parser.add_argument("--out", type=Path, default=Path("birds_convnext.pt"))
    ns = parser.parse_args()
    train(Config(root=ns.root), ns.out)
