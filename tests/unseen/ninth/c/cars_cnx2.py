import argparse
import os
import random

import numpy as np
import torch
from timm import create_model
from timm.data import create_transform
from torch import nn
from torch.optim import AdamW
from torch.optim.lr_scheduler import OneCycleLR
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder

MEAN = [0.485, 0.456, 0.406]
STD = [0.229, 0.224, 0.225]


def base_parser():
    base = argparse.ArgumentParser(add_help=False)
    base.add_argument("--cars", default="stanford_cars", help="folder with train/ and val/")
    base.add_argument("--net", default="convnextv2_nano.fcmae_ft_in1k")
    for key in ("workers", "epochs", "batch", "size", "classes", "seed"):
        base.add_argument("--" + key, type=int)
    for key in ("lr", "decay", "smooth", "drop_path", "pct_start"):
        base.add_argument("--" + key.replace("_", "-"), type=float)
    base.set_defaults(workers=8, epochs=40, batch=64, size=288, classes=196, seed=31,
                      lr=2e-4, decay=0.05, smooth=0.1, drop_path=0.1, pct_start=0.1)
    return base


def split_parameters(net, decay):
    """Matrices and kernels decay; norms, biases and the gains of the GRN layers do not."""
    yes, no = [], []
    for name, p in net.named_parameters():
        if not p.requires_grad:
            continue
        if p.ndim < 2 or name.endswith(".bias") or ".grn." in name:
            no.append(p)
        else:
            yes.append(p)
    return [{"params": yes, "weight_decay": decay}, {"params": no, "weight_decay": 0.0}]


def feed(o):
    train_tf = create_transform((3, o.size, o.size), is_training=True, scale=(0.35, 1.0),
                                auto_augment="rand-m8-inc1-mstd101", re_prob=0.2,
                                interpolation="bicubic", mean=MEAN, std=STD)
    val_tf = create_transform((3, o.size, o.size), is_training=False, crop_pct=1.0,
                              interpolation="bicubic", mean=MEAN, std=STD)
    train = ImageFolder(os.path.join(o.cars, "train"), train_tf)
    val = ImageFolder(os.path.join(o.cars, "val"), val_tf)
    assert len(train.classes) == o.classes and train.classes == val.classes
    extra = dict(batch_size=o.batch, num_workers=o.workers, pin_memory=True)
    return (DataLoader(train, shuffle=True, drop_last=True, persistent_workers=True, **extra),
            DataLoader(val, shuffle=False, **extra))


def accuracy(net, loader):
    net.eval()
    right = torch.zeros((), device="cuda")
    with torch.no_grad(), torch.autocast("cuda"):
        for x, y in loader:
            right += (net(x.cuda(non_blocking=True)).argmax(1) == y.cuda(non_blocking=True)).sum()
    return right.item() / len(loader.dataset)


def main():
    parser = argparse.ArgumentParser(description="Cars, ConvNeXt V2 nano", parents=[base_parser()])
    parser.add_argument("--out", default="cars.pt")
    o = parser.parse_args()

    random.seed(o.seed)
    np.random.seed(o.seed)
    torch.manual_seed(o.seed)

    train_loader, val_loader = feed(o)
    net = create_model(o.net, pretrained=True, num_classes=o.classes, drop_path_rate=o.drop_path).cuda()
    net = net.to(memory_format=torch.channels_last)
    optimizer = AdamW(split_parameters(net, o.decay), lr=o.lr)
    schedule = OneCycleLR(optimizer, max_lr=o.lr, total_steps=o.epochs * len(train_loader),
                          pct_start=o.pct_start, cycle_momentum=False)
    lossf = nn.CrossEntropyLoss(label_smoothing=o.smooth)
    scaler = torch.cuda.amp.GradScaler()

    for epoch in range(o.epochs):
        net.train()
        acc_loss = torch.zeros((), device="cuda")
        for x, y in train_loader:
            x = x.cuda(non_blocking=True).contiguous(memory_format=torch.channels_last)
            y = y.cuda(non_blocking=True)
            with torch.autocast("cuda"):
                loss = lossf(net(x), y)
            optimizer.zero_grad(set_to_none=True)
            scaler.scale(loss).backward()
            scaler.unscale_(optimizer)
            nn.utils.clip_grad_norm_(net.parameters(), 2.0)
            scaler.step(optimizer)
            scaler.update()
            schedule.step()
            acc_loss += loss.detach()
        print(f"{epoch + 1:>3}: loss {acc_loss.item() / len(train_loader):.4f}"
              f"  val {100 * accuracy(net, val_loader):.2f} %")
    torch.save(net.state_dict(), o.out)


if __name__ == "__main__":
    main()
