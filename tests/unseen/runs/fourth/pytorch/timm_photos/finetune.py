#!/usr/bin/env python
"""Fine-tune a timm model on a folder of photos.

Example:
    python finetune.py photos --model resnet18 --checkpoint weights/resnet18_objects.pth --epochs 25
"""
import argparse
import csv
import logging
import math
import random
import time
from pathlib import Path

import numpy as np
import timm
import torch
import torch.nn as nn
from timm.data import resolve_data_config
from timm.loss import LabelSmoothingCrossEntropy
from timm.utils import AverageMeter, accuracy
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

from wrap import ImageModel

_logger = logging.getLogger("finetune")


def parse_args():
    p = argparse.ArgumentParser(description="timm fine-tuning")
    p.add_argument("data_dir", metavar="DIR")
    p.add_argument("--model", default="resnet18")
    p.add_argument("--checkpoint", default="", help="state dict to start from (10 object classes)")
    p.add_argument("--checkpoint-classes", type=int, default=10)
    p.add_argument("--img-size", type=int, default=48)
    p.add_argument("-b", "--batch-size", type=int, default=16)
    p.add_argument("--epochs", type=int, default=25)
    p.add_argument("--warmup-epochs", type=int, default=2)
    p.add_argument("--lr", type=float, default=3e-4)
    p.add_argument("--weight-decay", type=float, default=0.02)
    p.add_argument("--smoothing", type=float, default=0.1)
    p.add_argument("--drop", type=float, default=0.1)
    p.add_argument("--clip-grad", type=float, default=5.0)
    p.add_argument("-j", "--workers", type=int, default=0)
    p.add_argument("--seed", type=int, default=42)
    p.add_argument("--output", default="output/timm_photos")
    return p.parse_args()


def build_transforms(cfg, img_size):
    normalize = transforms.Normalize(mean=cfg["mean"], std=cfg["std"])
    train_tf = transforms.Compose([
        transforms.RandomResizedCrop(img_size, scale=(0.5, 1.0)),
        transforms.RandomHorizontalFlip(),
        transforms.ColorJitter(0.2, 0.2, 0.2),
        transforms.ToTensor(),
        normalize,
    ])
    eval_tf = transforms.Compose([
        transforms.Resize(img_size),
        transforms.CenterCrop(img_size),
        transforms.ToTensor(),
        normalize,
    ])
    return train_tf, eval_tf


def param_groups(model, weight_decay):
    decay, no_decay = [], []
    for name, p in model.named_parameters():
        if not p.requires_grad:
            continue
        (no_decay if p.ndim <= 1 or name.endswith(".bias") else decay).append(p)
    return [{"params": no_decay, "weight_decay": 0.0}, {"params": decay, "weight_decay": weight_decay}]


def lr_lambda(step, warmup, total):
    if step < warmup:
        return (step + 1) / warmup
    t = (step - warmup) / max(1, total - warmup)
    return 0.01 + 0.99 * 0.5 * (1.0 + math.cos(math.pi * min(t, 1.0)))


def train_epoch(epoch, model, loader, optimizer, scheduler, loss_fn, device, clip):
    model.train()
    losses, top1 = AverageMeter(), AverageMeter()
    end = time.time()
    for i, (images, target) in enumerate(loader):
        images, target = images.to(device), target.to(device)
        output = model(images)
        loss = loss_fn(output, target)

        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
        scheduler.step()

        losses.update(loss.item(), images.size(0))
        top1.update(accuracy(output.detach(), target)[0].item(), images.size(0))
        if i % 10 == 0:
            _logger.info("train %d [%d/%d] loss %.4f acc %.2f lr %.2e (%.2fs)", epoch, i, len(loader),
                         losses.avg, top1.avg, optimizer.param_groups[0]["lr"], time.time() - end)
        end = time.time()
    return {"loss": losses.avg, "top1": top1.avg}


@torch.no_grad()
def validate(model, loader, device):
    model.eval()
    loss_fn = nn.CrossEntropyLoss()
    losses, top1 = AverageMeter(), AverageMeter()
    for images, target in loader:
        images, target = images.to(device), target.to(device)
        output = model(images)
        losses.update(loss_fn(output, target).item(), images.size(0))
        top1.update(accuracy(output, target)[0].item(), images.size(0))
    return {"loss": losses.avg, "top1": top1.avg}


def main():
    args = parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    random.seed(args.seed)
    np.random.seed(args.seed)
    torch.manual_seed(args.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    backbone = timm.create_model(args.model, pretrained=False, num_classes=args.checkpoint_classes, drop_rate=args.drop)
    if args.checkpoint:
        backbone.load_state_dict(torch.load(args.checkpoint, map_location="cpu"))
        _logger.info("started from %s", args.checkpoint)
    cfg = resolve_data_config({"input_size": (3, args.img_size, args.img_size)}, model=backbone)

    train_tf, eval_tf = build_transforms(cfg, args.img_size)
    root = Path(args.data_dir)
    train_set = datasets.ImageFolder(root / "train", train_tf)
    val_set = datasets.ImageFolder(root / "val", eval_tf)
    assert train_set.class_to_idx == val_set.class_to_idx
    backbone.reset_classifier(len(train_set.classes))
    model = ImageModel(backbone, cfg["mean"], cfg["std"]).to(device)
    n_params = sum(p.numel() for p in model.parameters())
    _logger.info("%s: %.2fM parameters, %d classes", args.model, n_params / 1e6, len(train_set.classes))

    train_loader = DataLoader(train_set, args.batch_size, shuffle=True, drop_last=True, num_workers=args.workers)
    val_loader = DataLoader(val_set, args.batch_size * 2, shuffle=False, num_workers=args.workers)

    optimizer = torch.optim.AdamW(param_groups(model, args.weight_decay), lr=args.lr)
    total = args.epochs * len(train_loader)
    warmup = args.warmup_epochs * len(train_loader)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: lr_lambda(s, warmup, total))
    loss_fn = LabelSmoothingCrossEntropy(args.smoothing)

    out = Path(args.output)
    out.mkdir(parents=True, exist_ok=True)
    best = 0.0
    with open(out / "summary.csv", "w", newline="") as f:
        summary = csv.writer(f)
        summary.writerow(["epoch", "train_loss", "train_top1", "val_loss", "val_top1"])
        for epoch in range(args.epochs):
            tr = train_epoch(epoch, model, train_loader, optimizer, scheduler, loss_fn, device, args.clip_grad)
            va = validate(model, val_loader, device)
            summary.writerow([epoch, tr["loss"], tr["top1"], va["loss"], va["top1"]])
            f.flush()
            _logger.info("epoch %d: train %.4f / val %.4f, top1 %.2f", epoch, tr["loss"], va["loss"], va["top1"])
            if va["top1"] > best:
                best = va["top1"]
                model.save(out / "best.pt", train_set.classes)
    _logger.info("best top1 %.2f", best)


if __name__ == "__main__":
    main()
