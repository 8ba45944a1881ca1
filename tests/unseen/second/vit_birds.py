# Faulty: C313: the layer-wise parameter groups leave out the new classification head, so it never learns.
"""ViT-B/16 fine-tuned on CUB-200 with layer-wise learning-rate decay."""
from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader
from torchvision import models, transforms
from torchvision.datasets import ImageFolder


@dataclass(frozen=True)
class Hyper:
    root: str = "cub200"
    classes: int = 200
    batch: int = 64
    epochs: int = 20
    lr: float = 3e-4
    decay: float = 0.7
    wd: float = 0.05
    seed: int = 11


def pipelines() -> tuple[transforms.Compose, transforms.Compose]:
    stats = dict(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))
    fit = transforms.Compose([
        transforms.RandomResizedCrop(224, scale=(0.35, 1.0)),
        transforms.RandomHorizontalFlip(),
        transforms.TrivialAugmentWide(),
        transforms.ToTensor(),
        transforms.Normalize(**stats),
    ])
    look = transforms.Compose([
        transforms.Resize(256),
        transforms.CenterCrop(224),
        transforms.ToTensor(),
        transforms.Normalize(**stats),
    ])
    return fit, look


def build(hp: Hyper) -> models.VisionTransformer:
    vit = models.vit_b_16(weights=models.ViT_B_16_Weights.IMAGENET1K_V1)
    vit.heads = nn.Sequential(nn.Dropout(0.1), nn.Linear(vit.hidden_dim, hp.classes))
    return vit


def layer_groups(vit: models.VisionTransformer, hp: Hyper) -> list[dict]:
    blocks = list(vit.encoder.layers)
    depth = len(blocks)
    stem = [vit.class_token, vit.encoder.pos_embedding, *vit.conv_proj.parameters()]
    groups = [{"params": stem, "lr": hp.lr * hp.decay ** (depth + 1)}]
    for i, block in enumerate(blocks):
        groups.append({"params": list(block.parameters()), "lr": hp.lr * hp.decay ** (depth - i)})
    groups.append({"params": list(vit.encoder.ln.parameters()), "lr": hp.lr})
    return groups


@torch.no_grad()
def evaluate(vit: nn.Module, loader: DataLoader, device: torch.device) -> float:
    vit.eval()
    good = 0
    for img, lab in loader:
        out: Tensor = vit(img.to(device))
        good += int((out.argmax(-1).cpu() == lab).sum())
    return good / len(loader.dataset)  # type: ignore[arg-type]


def main(hp: Hyper = Hyper()) -> None:
    torch.manual_seed(hp.seed)
    device = torch.device("cuda")
    fit_tf, look_tf = pipelines()
    fit = DataLoader(ImageFolder(f"{hp.root}/train", fit_tf), hp.batch, shuffle=True, num_workers=8, drop_last=True)
    look = DataLoader(ImageFolder(f"{hp.root}/val", look_tf), hp.batch * 2, num_workers=8)

    vit = build(hp).to(device)
    optimizer = torch.optim.AdamW(layer_groups(vit, hp), weight_decay=hp.wd)  # fault: C313
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=hp.epochs)
    criterion = nn.CrossEntropyLoss()

    best = 0.0
    for epoch in range(hp.epochs):
        vit.train()
        running = 0.0
        for img, lab in fit:
            img, lab = img.to(device), lab.to(device)
            loss = criterion(vit(img), lab)
            vit.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(vit.parameters(), 1.0)
            optimizer.step()
            running += loss.item()
        scheduler.step()
        acc = evaluate(vit, look, device)
        print(f"[{epoch + 1}/{hp.epochs}] loss={running / len(fit):.4f} acc={acc:.4f}")
        if acc > best:
            best = acc
            torch.save(vit.state_dict(), "vit_birds.pt")


if __name__ == "__main__":
    main()
