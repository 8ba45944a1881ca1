# Sound.
"""ViT-B/16 with layer-wise learning rate decay, bf16 and gradient accumulation.

effective batch = 16 images * 8 micro-steps = 128
"""
from dataclasses import dataclass, field
from pathlib import Path
from typing import List

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, SequentialLR
from torch.utils.data import DataLoader
from torchvision import datasets, transforms
from torchvision.models import ViT_B_16_Weights, vit_b_16


@dataclass
class Settings:
    data: Path = Path("/mnt/data/resisc45")
    micro_batch: int = 16
    accumulate: int = 8
    epochs: int = 24
    warmup_epochs: int = 2
    peak_lr: float = 3e-4
    layer_decay: float = 0.75
    weight_decay: float = 0.05
    num_classes: int = 45
    mean: List[float] = field(default_factory=lambda: [0.485, 0.456, 0.406])
    std: List[float] = field(default_factory=lambda: [0.229, 0.224, 0.225])


def depth_of(name: str, n_blocks: int = 12) -> int:
    """0 for the embeddings, 1..12 for the blocks, 13 for what follows them."""
    if name.startswith(("conv_proj", "class_token", "encoder.pos_embedding")):
        return 0
    if name.startswith("encoder.layers.encoder_layer_"):
        return int(name.split("encoder_layer_")[1].split(".")[0]) + 1
    return n_blocks + 1


def groups(model: nn.Module, s: Settings):
    table = {}
    for name, p in model.named_parameters():
        d = depth_of(name)
        wd = 0.0 if p.ndim == 1 or "pos_embedding" in name or "class_token" in name else s.weight_decay
        g = table.setdefault((d, wd), {"params": [], "weight_decay": wd,
                                       "lr": s.peak_lr * s.layer_decay ** (13 - d)})
        g["params"].append(p)
    return list(table.values())


def pipelines(s: Settings):
    tail = [transforms.ToTensor(), transforms.Normalize(s.mean, s.std)]
    train = transforms.Compose(
        [transforms.RandomResizedCrop(224, scale=(0.5, 1.0)), transforms.RandomHorizontalFlip(),
         transforms.TrivialAugmentWide()] + tail + [transforms.RandomErasing(p=0.25)])
    val = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224)] + tail)
    return train, val


@torch.inference_mode()
def top1(model: nn.Module, loader: DataLoader, device: str) -> float:
    model.eval()
    hits: Tensor = torch.zeros((), device=device)
    for x, y in loader:
        with torch.autocast(device, dtype=torch.bfloat16):
            out = model(x.to(device))
        hits += (out.argmax(-1) == y.to(device)).sum()
    return (hits / len(loader.dataset)).item()


def run(s: Settings) -> None:
    device = "cuda"
    t_train, t_val = pipelines(s)
    train = DataLoader(datasets.ImageFolder(s.data / "train", t_train), s.micro_batch, shuffle=True,
                       num_workers=8, drop_last=True, persistent_workers=True)
    val = DataLoader(datasets.ImageFolder(s.data / "val", t_val), 64, num_workers=8)

    model = vit_b_16(weights=ViT_B_16_Weights.DEFAULT)
    model.heads.head = nn.Linear(model.heads.head.in_features, s.num_classes)
    nn.init.zeros_(model.heads.head.bias)
    model.to(device)

    opt = torch.optim.AdamW(groups(model, s), betas=(0.9, 0.98))
    sched = SequentialLR(
        opt,
        [LinearLR(opt, start_factor=0.1, total_iters=s.warmup_epochs),
         CosineAnnealingLR(opt, T_max=s.epochs - s.warmup_epochs)],
        milestones=[s.warmup_epochs],
    )
    ce = nn.CrossEntropyLoss(label_smoothing=0.1)

    for epoch in range(s.epochs):
        model.train()
        opt.zero_grad()
        for step, (x, y) in enumerate(train, start=1):
            with torch.autocast(device, dtype=torch.bfloat16):
                loss = ce(model(x.to(device)), y.to(device)) / s.accumulate
            loss.backward()
            if step % s.accumulate == 0 or step == len(train):
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                opt.step()
                opt.zero_grad()
        sched.step()
        print(f"{epoch:02d} val top-1 {top1(model, val, device):.4f}")
    torch.save(model.state_dict(), "resisc_vit.pt")


if __name__ == "__main__":
    run(Settings())
