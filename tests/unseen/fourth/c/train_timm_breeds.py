#!/usr/bin/env python
"""Horse breeds with timm's own parts. 37 folders under train/ and val/."""
import argparse
import os
import time

import timm
import torch
import torch.nn as nn
from timm.data import IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD, create_transform
from timm.optim import create_optimizer_v2
from timm.scheduler import create_scheduler_v2
from timm.utils import AverageMeter, accuracy, random_seed
from torchvision.datasets import ImageFolder


def get_args_parser():
    parser = argparse.ArgumentParser("breeds", add_help=True)
    g = parser.add_argument_group("data")
    g.add_argument("--data-path", default="/data/breeds", type=str)
    g.add_argument("--input-size", default=224, type=int)
    g.add_argument("--nb-classes", default=37, type=int)
    g.add_argument("--num-workers", default=10, type=int)
    g = parser.add_argument_group("model")
    g.add_argument("--model", default="convnext_nano.in12k_ft_in1k", type=str)
    g.add_argument("--drop-path", default=0.1, type=float)
    g = parser.add_argument_group("optimisation")
    g.add_argument("--opt", default="adamw", type=str)
    g.add_argument("--lr", default=2e-4, type=float)
    g.add_argument("--weight-decay", default=0.05, type=float)
    g.add_argument("--sched", default="cosine", type=str)
    g.add_argument("--epochs", default=30, type=int)
    g.add_argument("--warmup-epochs", default=3, type=int)
    g.add_argument("--warmup-lr", default=1e-6, type=float)
    g.add_argument("--min-lr", default=1e-6, type=float)
    g.add_argument("--batch-size", default=64, type=int)
    g.add_argument("--smoothing", default=0.1, type=float)
    g.add_argument("--clip-grad", default=5.0, type=float)
    parser.add_argument("--seed", default=0, type=int)
    parser.add_argument("--output-dir", default="./output", type=str)
    return parser


def build_dataset(is_train, args):
    tf = create_transform(
        input_size=args.input_size,
        is_training=is_train,
        auto_augment="rand-m7-mstd0.5-inc1" if is_train else None,
        interpolation="bicubic",
        re_prob=0.25 if is_train else 0.0,
        crop_pct=0.95,
        mean=IMAGENET_DEFAULT_MEAN,
        std=IMAGENET_DEFAULT_STD,
    )
    return ImageFolder(os.path.join(args.data_path, "train" if is_train else "val"), transform=tf)


@torch.no_grad()
def validate(model, loader, device):
    top1 = AverageMeter()
    model.eval()
    for images, target in loader:
        images = images.to(device, non_blocking=True)
        target = target.to(device, non_blocking=True)
        with torch.autocast("cuda", dtype=torch.bfloat16):
            output = model(images)
        acc1 = accuracy(output, target, topk=(1,))[0]
        top1.update(acc1, images.size(0))
    return float(top1.avg)


def main(args):
    random_seed(args.seed)
    device = torch.device("cuda")
    torch.backends.cudnn.benchmark = True
    os.makedirs(args.output_dir, exist_ok=True)

    dataset_train = build_dataset(True, args)
    dataset_val = build_dataset(False, args)
    loader_train = torch.utils.data.DataLoader(
        dataset_train, batch_size=args.batch_size, shuffle=True, num_workers=args.num_workers,
        pin_memory=True, drop_last=True)
    loader_val = torch.utils.data.DataLoader(
        dataset_val, batch_size=2 * args.batch_size, shuffle=False, num_workers=args.num_workers,
        pin_memory=True)

    model = timm.create_model(args.model, pretrained=True, num_classes=args.nb_classes,
                              drop_path_rate=args.drop_path).to(device)
    # biases and norms are left out of the decay by timm itself
    optimizer = create_optimizer_v2(model, opt=args.opt, lr=args.lr, weight_decay=args.weight_decay)
    lr_scheduler, num_epochs = create_scheduler_v2(
        optimizer, sched=args.sched, num_epochs=args.epochs, warmup_epochs=args.warmup_epochs,
        warmup_lr=args.warmup_lr, min_lr=args.min_lr)
    criterion = nn.CrossEntropyLoss(label_smoothing=args.smoothing)

    best, num_updates = 0.0, 0
    for epoch in range(num_epochs):
        start = time.time()
        model.train()
        running = torch.zeros((), device=device)
        for images, target in loader_train:
            images = images.to(device, non_blocking=True)
            target = target.to(device, non_blocking=True)
            with torch.autocast("cuda", dtype=torch.bfloat16):
                loss = criterion(model(images), target)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), args.clip_grad)
            optimizer.step()
            num_updates += 1
            lr_scheduler.step(num_updates)  # fault: C314
            running += loss.detach()

        acc1 = validate(model, loader_val, device)
        print(f"[{epoch:02d}] loss {running.item() / len(loader_train):.3f}  acc@1 {acc1:.2f}  "
              f"lr {optimizer.param_groups[0]['lr']:.2e}  {time.time() - start:.0f}s")
        if acc1 > best:
            best = acc1
            torch.save({"model": model.state_dict(), "epoch": epoch, "args": vars(args)},
                       os.path.join(args.output_dir, "best.pth"))
    print("best validation accuracy", best)


if __name__ == "__main__":
    main(get_args_parser().parse_args())
