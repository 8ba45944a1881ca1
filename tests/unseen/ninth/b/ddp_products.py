"""Product photographs, 250 categories, several cards.

    torchrun --standalone --nproc_per_node=4 ddp_products.py --data /mnt/products --out runs/a

data/train and data/val hold one folder per category. The averaged weights are what is evaluated and kept.
"""
import argparse
import contextlib
import os

import torch
import torch.distributed as dist
import torch.nn as nn
from torch.nn.parallel import DistributedDataParallel as DDP
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader, Subset
from torch.utils.data.distributed import DistributedSampler
from torchvision import datasets, models
from torchvision.transforms import v2

N_CATEGORIES = 250


def get_args():
    p = argparse.ArgumentParser()
    p.add_argument("--data", required=True)
    p.add_argument("--out", required=True)
    p.add_argument("--epochs", type=int, default=40)
    p.add_argument("--batch-size", type=int, default=64, help="per card and per backward")
    p.add_argument("--accum", type=int, default=2)
    p.add_argument("--lr", type=float, default=0.02)
    p.add_argument("--momentum", type=float, default=0.9)
    p.add_argument("--weight-decay", type=float, default=1e-4)
    p.add_argument("--warmup", type=int, default=500, help="updates")
    p.add_argument("--ema", type=float, default=0.999)
    p.add_argument("--workers", type=int, default=8)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--resume", action="store_true")
    return p.parse_args()


def make_data(args, rank, world):
    stats = dict(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
    train_tf = v2.Compose([
        v2.PILToTensor(),
        v2.RandomResizedCrop(224, antialias=True),
        v2.RandomHorizontalFlip(),
        v2.ToDtype(torch.float32, scale=True),
        v2.Normalize(**stats),
    ])
    val_tf = v2.Compose([
        v2.PILToTensor(),
        v2.Resize(256, antialias=True),
        v2.CenterCrop(224),
        v2.ToDtype(torch.float32, scale=True),
        v2.Normalize(**stats),
    ])
    train_set = datasets.ImageFolder(os.path.join(args.data, "train"), train_tf)
    val_set = datasets.ImageFolder(os.path.join(args.data, "val"), val_tf)
    if len(train_set.classes) != N_CATEGORIES or train_set.classes != val_set.classes:
        raise SystemExit("train and val do not hold the 250 categories")
    sampler = DistributedSampler(train_set, num_replicas=world, rank=rank, shuffle=True, seed=args.seed, drop_last=True)
    train_loader = DataLoader(train_set, batch_size=args.batch_size, sampler=sampler, drop_last=True,
                              num_workers=args.workers, pin_memory=True, persistent_workers=True)
    # every card takes each world-th picture, no padding, so that the sums below are exact
    part = Subset(val_set, range(rank, len(val_set), world))
    val_loader = DataLoader(part, batch_size=args.batch_size, num_workers=args.workers, pin_memory=True)
    return train_loader, sampler, val_loader


@torch.no_grad()
def evaluate(model, loader, device):
    model.eval()
    sums = torch.zeros(3, device=device, dtype=torch.float64)      # loss, right, number
    for images, target in loader:
        images = images.to(device, non_blocking=True)
        target = target.to(device, non_blocking=True)
        logits = model(images)
        sums[0] += nn.functional.cross_entropy(logits, target, reduction="sum")
        sums[1] += (logits.argmax(1) == target).sum()
        sums[2] += target.numel()
    dist.all_reduce(sums)
    loss, right, number = sums.tolist()
    return loss / number, right / number


def main():
    args = get_args()
    dist.init_process_group("nccl")
    rank, world, local = dist.get_rank(), dist.get_world_size(), int(os.environ["LOCAL_RANK"])
    device = torch.device("cuda", local)
    torch.cuda.set_device(device)
    torch.manual_seed(args.seed + rank)
    if rank == 0:
        os.makedirs(args.out, exist_ok=True)
    dist.barrier()

    train_loader, sampler, val_loader = make_data(args, rank, world)

    net = models.resnet50(weights=models.ResNet50_Weights.IMAGENET1K_V2)
    net.fc = nn.Linear(net.fc.in_features, N_CATEGORIES)
    net = nn.SyncBatchNorm.convert_sync_batchnorm(net).to(device)
    model = DDP(net, device_ids=[local])
    # after DDP has spread the weights of rank 0
    ema = AveragedModel(model.module, multi_avg_fn=get_ema_multi_avg_fn(args.ema), use_buffers=True)

    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    optimizer = torch.optim.SGD(model.parameters(), lr=args.lr, momentum=args.momentum,
                                weight_decay=args.weight_decay, nesterov=True)
    updates = len(train_loader) // args.accum
    warm = torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=0.01, total_iters=args.warmup)
    down = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=args.epochs * updates - args.warmup)
    scheduler = torch.optim.lr_scheduler.SequentialLR(optimizer, [warm, down], milestones=[args.warmup])

    start, best = 0, 0.0
    last = os.path.join(args.out, "last.pt")
    if args.resume:
        ck = torch.load(last, map_location=device)
        model.module.load_state_dict(ck["model"])
        ema.load_state_dict(ck["ema"])
        optimizer.load_state_dict(ck["optimizer"])
        scheduler.load_state_dict(ck["scheduler"])
        start, best = ck["epoch"] + 1, ck["best"]

    for epoch in range(start, args.epochs):
        sampler.set_epoch(epoch)
        model.train()
        epoch_loss = torch.zeros((), device=device)
        optimizer.zero_grad(set_to_none=True)
        for i, (images, target) in enumerate(train_loader):
            if i == updates * args.accum:
                break                                   # what is left makes no whole update
            images = images.to(device, non_blocking=True)
            target = target.to(device, non_blocking=True)
            full = (i + 1) % args.accum == 0
            with contextlib.nullcontext() if full else model.no_sync():
                loss = criterion(model(images), target)
                (loss / args.accum).backward()
            epoch_loss += loss.detach()
            if full:
                optimizer.step()
                scheduler.step()
                optimizer.zero_grad(set_to_none=True)
                ema.update_parameters(model.module)
        epoch_loss /= updates * args.accum
        dist.all_reduce(epoch_loss)
        val_loss, val_acc = evaluate(ema, val_loader, device)
        if rank == 0:
            print(f"epoch {epoch} train {epoch_loss.item() / world:.4f} val {val_loss:.4f} acc {val_acc:.4f} "
                  f"lr {scheduler.get_last_lr()[0]:.5f}", flush=True)
            if val_acc > best:
                torch.save(ema.module.state_dict(), os.path.join(args.out, "best.pt"))
            best = max(best, val_acc)
            torch.save({"model": model.module.state_dict(), "ema": ema.state_dict(),
                        "optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict(),
                        "epoch": epoch, "best": best}, last)
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
