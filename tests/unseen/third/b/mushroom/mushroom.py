import os
import sys

import timm
import torch
import yaml
from torch.utils.data import DataLoader
from torchvision import transforms as T
from torchvision.datasets import ImageFolder

from engine import AmpStep, train, validate


def build_loaders(d):
    norm = T.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    train_set = ImageFolder(os.path.join(d["root"], "train"), T.Compose([
        T.RandomResizedCrop(d["size"]),
        T.RandomHorizontalFlip(),
        T.ToTensor(),
        norm,
        T.RandomErasing(p=0.2),
    ]))
    val_set = ImageFolder(os.path.join(d["root"], "val"), T.Compose([
        T.Resize(256),
        T.CenterCrop(d["size"]),
        T.ToTensor(),
        norm,
    ]))
    common = dict(batch_size=d["batch"], num_workers=d["workers"], pin_memory=True)
    return (DataLoader(train_set, shuffle=True, drop_last=True, **common),
            DataLoader(val_set, shuffle=False, **common))


def main(path):
    with open(path) as f:
        cfg = yaml.safe_load(f)
    torch.manual_seed(cfg["seed"])
    device = torch.device("cuda")
    train_loader, val_loader = build_loaders(cfg["data"])

    net = timm.create_model(cfg["model"]["name"], pretrained=True, num_classes=cfg["model"]["classes"])
    net = net.to(device)
    o = cfg["optim"]
    optimizer = torch.optim.AdamW(net.parameters(), lr=o["lr"], weight_decay=o["weight_decay"])
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, o["epochs"])
    step = AmpStep(net, optimizer, o["clip"])

    best = -1.0
    for epoch in range(o["epochs"]):
        loss = train(step, train_loader, device)
        scheduler.step()
        acc = validate(net, val_loader, device)
        print(f"{epoch}\t{loss:.4f}\t{acc:.4f}", flush=True)
        if acc > best:
            best = acc
            torch.save({"net": net.state_dict(), "acc": acc, "cfg": cfg}, "mushroom_best.pt")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "config.yaml")
