#!/usr/bin/env python3
"""Fine-tune a timm model on an image folder.

    ./butterflies_timm.py /data/butterflies --epochs 30
"""
import argparse
import json
import math
import time
from pathlib import Path

import timm
import torch
from timm.data import create_transform, resolve_model_data_config
from timm.loss import LabelSmoothingCrossEntropy
from timm.optim import create_optimizer_v2
from timm.scheduler import create_scheduler_v2
from timm.utils import AverageMeter, accuracy, random_seed
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder


def data_options():
    p = argparse.ArgumentParser(add_help=False)
    g = p.add_argument_group("data")
    g.add_argument("root", type=Path)
    g.add_argument("--img-size", type=int, default=224)
    g.add_argument("-b", "--batch-size", type=int, default=64)
    g.add_argument("-j", "--workers", type=int, default=8)
    g.add_argument("--reprob", type=float, default=0.1)
    return p


def model_options():
    p = argparse.ArgumentParser(add_help=False)
    g = p.add_argument_group("model")
    g.add_argument("--model", default="convnext_tiny.fb_in22k_ft_in1k")
    g.add_argument("--drop-path", type=float, default=0.1)
    g.add_argument("--num-classes", type=int, default=75)
    return p


def optim_options():
    p = argparse.ArgumentParser(add_help=False)
    g = p.add_argument_group("optimisation")
    g.add_argument("--opt", default="adamw")
    g.add_argument("--lr", type=float, default=1e-4)
    g.add_argument("--weight-decay", type=float, default=0.05)
    g.add_argument("--layer-decay", type=float, default=0.8)
    g.add_argument("--sched", default="cosine")
    g.add_argument("--epochs", type=int, default=30)
    g.add_argument("--warmup-epochs", type=int, default=3)
    g.add_argument("--min-lr", type=float, default=1e-6)
    g.add_argument("--clip-grad", type=float, default=1.0)
    g.add_argument("--smoothing", type=float, default=0.1)
    g.add_argument("--seed", type=int, default=42)
    return p


def parse_args():
    parser = argparse.ArgumentParser(
        parents=[data_options(), model_options(), optim_options()],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--output", type=Path, default=Path("output/butterflies"))
    return parser.parse_args()


def train_one_epoch(model, loader, criterion, optimizer, device, clip):
    model.train()
    total = torch.zeros((), device=device)
    for images, target in loader:
        images = images.to(device, non_blocking=True)
        target = target.to(device, non_blocking=True)
        with torch.autocast(device.type, dtype=torch.bfloat16):
            loss = criterion(model(images), target)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
        total += loss.detach()
    return total.item() / len(loader)


@torch.no_grad()
def evaluate(model, loader, device):
    model.eval()
    top1 = AverageMeter()
    for images, target in loader:
        images, target = images.to(device), target.to(device)
        with torch.autocast(device.type, dtype=torch.bfloat16):
            output = model(images)
        (acc1,) = accuracy(output, target, topk=(1,))
        top1.update(acc1, images.size(0))
    return float(top1.avg)


def main():
    args = parse_args()
    args.output.mkdir(parents=True, exist_ok=True)
    random_seed(args.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    model = timm.create_model(
        args.model, pretrained=True, num_classes=args.num_classes, drop_path_rate=args.drop_path
    ).to(device)
    cfg = resolve_model_data_config(model, args={"img_size": args.img_size}, verbose=True)
    train_tf = create_transform(
        **cfg, is_training=True, auto_augment="rand-m6-mstd0.5-inc1", re_prob=args.reprob
    )
    eval_tf = create_transform(**cfg, is_training=False)

    train_set = ImageFolder(args.root / "train", train_tf)
    val_set = ImageFolder(args.root / "valid", eval_tf)
    assert train_set.class_to_idx == val_set.class_to_idx
    assert len(train_set.classes) == args.num_classes
    train_loader = DataLoader(
        train_set, args.batch_size, shuffle=True, drop_last=True,
        num_workers=args.workers, pin_memory=True, persistent_workers=True,
    )
    val_loader = DataLoader(val_set, args.batch_size * 2, num_workers=args.workers, pin_memory=True)

    optimizer = create_optimizer_v2(
        model, opt=args.opt, lr=args.lr, weight_decay=args.weight_decay, layer_decay=args.layer_decay
    )
    scheduler, num_epochs = create_scheduler_v2(
        optimizer,
        sched=args.sched,
        num_epochs=args.epochs,
        warmup_epochs=args.warmup_epochs,
        warmup_lr=1e-7,
        min_lr=args.min_lr,
        warmup_prefix=False,
    )
    criterion = LabelSmoothingCrossEntropy(args.smoothing)

    best = -math.inf
    history = []
    for epoch in range(num_epochs):
        start = time.time()
        loss = train_one_epoch(model, train_loader, criterion, optimizer, device, args.clip_grad)
        scheduler.step(epoch + 1)
        top1 = evaluate(model, val_loader, device)
        history.append(dict(epoch=epoch, loss=loss, top1=top1, lr=optimizer.param_groups[-1]["lr"]))
        print(f"{epoch:3d} loss {loss:.4f} top1 {top1:.2f} {time.time() - start:.0f}s", flush=True)
        if top1 > best:
            best = top1
            torch.save({"model": model.state_dict(), "args": vars(args)}, args.output / "best.pth")
    (args.output / "history.json").write_text(json.dumps(history, indent=1))
    print("best", best)


if __name__ == "__main__":
    main()
