"""Fine-tunes ConvNeXt-Tiny on shelf crops.

    torchrun --nproc_per_node=4 retail_convnext_ddp.py --data /mnt/shelf --out runs/shelf

The folder has train/ and val/, one sub-folder per article.
"""
import argparse
import math
import os
from pathlib import Path

import timm
import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader
from torch.utils.data.distributed import DistributedSampler
from torchvision import datasets
from torchvision import transforms as T

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


def parse_args():
    p = argparse.ArgumentParser()
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--out", type=Path, required=True)
    p.add_argument("--classes", type=int, default=212)
    p.add_argument("--epochs", type=int, default=30)
    p.add_argument("--batch-size", type=int, default=64, help="per process")
    p.add_argument("--lr", type=float, default=2e-4)
    p.add_argument("--wd", type=float, default=0.05)
    p.add_argument("--warmup-epochs", type=int, default=2)
    p.add_argument("--ema", type=float, default=0.999)
    p.add_argument("--workers", type=int, default=8)
    return p.parse_args()


def build_loaders(args):
    train_tf = T.Compose([
        T.RandomResizedCrop(224, scale=(0.4, 1.0), interpolation=T.InterpolationMode.BICUBIC),
        T.RandomHorizontalFlip(),
        T.RandAugment(num_ops=2, magnitude=9),
        T.ToTensor(),
        T.Normalize(MEAN, STD),
        T.RandomErasing(p=0.25),
    ])
    val_tf = T.Compose([
        T.Resize(236, interpolation=T.InterpolationMode.BICUBIC),
        T.CenterCrop(224),
        T.ToTensor(),
        T.Normalize(MEAN, STD),
    ])
    train_set = datasets.ImageFolder(args.data / "train", train_tf)
    val_set = datasets.ImageFolder(args.data / "val", val_tf)
    if len(train_set.classes) != args.classes or train_set.classes != val_set.classes:
        raise SystemExit(f"expected {args.classes} identical classes in train/ and val/")
    sampler = DistributedSampler(train_set, shuffle=True, drop_last=True)
    train = DataLoader(train_set, args.batch_size, sampler=sampler, num_workers=args.workers,
                       pin_memory=True, drop_last=True, persistent_workers=True)
    val = DataLoader(val_set, args.batch_size * 2, shuffle=False, num_workers=args.workers, pin_memory=True)
    return train, val, sampler


def parameter_groups(model, weight_decay):
    decay, plain = [], []
    for _, p in model.named_parameters():
        if not p.requires_grad:
            continue
        (plain if p.ndim <= 1 else decay).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": plain, "weight_decay": 0.0}]


@torch.inference_mode()
def accuracy(model, loader, device):
    model.eval()
    hits = torch.zeros((), device=device)
    seen = 0
    for x, y in loader:
        x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
        with torch.autocast("cuda", dtype=torch.bfloat16):
            out = model(x)
        hits += (out.argmax(1) == y).sum()
        seen += y.numel()
    return (hits / seen).item()


def main():
    args = parse_args()
    dist.init_process_group("nccl")
    rank, local = dist.get_rank(), int(os.environ["LOCAL_RANK"])
    torch.cuda.set_device(local)
    device = torch.device("cuda", local)
    torch.manual_seed(1234 + rank)

    train, val, sampler = build_loaders(args)
    net = timm.create_model("convnext_tiny.fb_in22k_ft_in1k", pretrained=True,
                            num_classes=args.classes, drop_path_rate=0.1).to(device)
    model = DistributedDataParallel(net, device_ids=[local])
    ema = AveragedModel(model.module, multi_avg_fn=get_ema_multi_avg_fn(args.ema))

    optimizer = torch.optim.AdamW(parameter_groups(net, args.wd), lr=args.lr)
    total = args.epochs * len(train)
    warm = args.warmup_epochs * len(train)

    def factor(step):
        if step < warm:
            return (step + 1) / warm
        return 0.5 * (1 + math.cos(math.pi * (step - warm) / (total - warm)))

    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    best = 0.0

    for epoch in range(args.epochs):
        sampler.set_epoch(epoch)
        model.train()
        for x, y in train:
            x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
            with torch.autocast("cuda", dtype=torch.bfloat16):
                loss = criterion(model(x), y)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimizer.step()
            scheduler.step()
            ema.update_parameters(model.module)
        if rank == 0:
            acc = accuracy(ema.module, val, device)
            print(f"epoch {epoch:02d}  ema accuracy {acc:.4f}", flush=True)
            if acc > best:
                best = acc
                args.out.mkdir(parents=True, exist_ok=True)
                torch.save(ema.module.state_dict(), args.out / "ema.pt")
        dist.barrier()
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
