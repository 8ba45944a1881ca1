"""ViT from scratch on Tiny ImageNet.   python tinyvit.py [config.yaml]"""
import math
import sys
from pathlib import Path

import torch
import torch.nn as nn
import yaml
from torch.utils.data import DataLoader
from torchvision import datasets
from torchvision import transforms as T

from vit import TinyViT

MEAN, STD = (0.4802, 0.4481, 0.3975), (0.2770, 0.2691, 0.2821)


def loaders(cfg):
    size, root = cfg["img_size"], Path(cfg["root"])
    train_tf = T.Compose([
        T.RandomCrop(size, padding=8, padding_mode="reflect"),
        T.RandomHorizontalFlip(),
        T.RandAugment(num_ops=2, magnitude=9),
        T.ToTensor(),
        T.Normalize(MEAN, STD),
        T.RandomErasing(p=0.25),
    ])
    val_tf = T.Compose([T.ToTensor(), T.Normalize(MEAN, STD)])
    train_set = datasets.ImageFolder(root / "train", train_tf)
    val_set = datasets.ImageFolder(root / "val", val_tf)
    assert train_set.class_to_idx == val_set.class_to_idx
    kw = dict(num_workers=cfg["workers"], pin_memory=True, persistent_workers=True)
    return (DataLoader(train_set, cfg["batch_size"], shuffle=True, drop_last=True, **kw),
            DataLoader(val_set, 512, shuffle=False, **kw))


def param_groups(model, weight_decay):
    decay, no_decay = [], []
    for name, p in model.named_parameters():
        if p.ndim <= 1 or name in ("cls", "pos"):
            no_decay.append(p)
        else:
            decay.append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": no_decay, "weight_decay": 0.0}]


@torch.no_grad()
def evaluate(model, loader, device):
    model.eval()
    hits = torch.zeros((), device=device)
    n = 0
    for x, y in loader:
        x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
        hits += (model(x).argmax(-1) == y).sum()
        n += y.numel()
    return hits.item() / n


def main(path):
    with open(path) as f:
        cfg = yaml.safe_load(f)
    torch.manual_seed(cfg["seed"])
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    d, o = cfg["data"], cfg["optim"]
    train_loader, val_loader = loaders(d)

    model = TinyViT(d["img_size"], d["num_classes"], **cfg["model"]).to(device)
    print(f"{sum(p.numel() for p in model.parameters()) / 1e6:.1f}M parameters, {model.embed.num_patches} patches")

    criterion = nn.CrossEntropyLoss(label_smoothing=o["smoothing"])
    optimizer = torch.optim.AdamW(param_groups(model, o["weight_decay"]), lr=o["lr"])
    total = o["epochs"] * len(train_loader)
    warm = o["warmup_epochs"] * len(train_loader)

    def factor(step):
        if step < warm:
            return (step + 1) / warm
        return 0.5 * (1 + math.cos(math.pi * (step - warm) / (total - warm)))

    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)

    for epoch in range(o["epochs"]):
        model.train()
        running = torch.zeros((), device=device)
        for x, y in train_loader:
            x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
            loss = criterion(model(x), y)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), o["clip"])
            optimizer.step()
            scheduler.step()
            running += loss.detach()
        acc = evaluate(model, val_loader, device)
        print(f"epoch {epoch:3d}  loss {running.item() / len(train_loader):.4f}  val {acc:.4f}", flush=True)
        torch.save(model.state_dict(), "tinyvit_last.pt")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).with_name("config.yaml"))
