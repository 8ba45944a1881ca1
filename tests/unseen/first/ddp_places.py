# Sound.
# torchrun --nproc_per_node=8 ddp_places.py --data /ssd/places365
import argparse
import math
import os

import torch
import torch.distributed as dist
import torch.nn as nn
from torch.nn.parallel import DistributedDataParallel as DDP
from torch.utils.data import DataLoader
from torch.utils.data.distributed import DistributedSampler
from torchvision import datasets, models, transforms


def parse():
    ap = argparse.ArgumentParser()
    ap.add_argument("--data", required=True)
    ap.add_argument("--epochs", default=90, type=int)
    ap.add_argument("--warmup", default=5, type=int, help="in epochs")
    ap.add_argument("--bs", default=128, type=int, help="per GPU")
    ap.add_argument("--base-lr", default=0.1, type=float, help="for a global batch of 256")
    ap.add_argument("--wd", default=5e-5, type=float)
    ap.add_argument("--save", default="places_regnet.pt")
    return ap.parse_args()


def is_main():
    return dist.get_rank() == 0


def make_sets(root):
    norm = transforms.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
    train = datasets.ImageFolder(os.path.join(root, "train"), transforms.Compose([
        transforms.RandomResizedCrop(224),
        transforms.RandomHorizontalFlip(),
        transforms.ColorJitter(0.2, 0.2, 0.2),
        transforms.ToTensor(),
        norm,
    ]))
    val = datasets.ImageFolder(os.path.join(root, "val"), transforms.Compose([
        transforms.Resize(256),
        transforms.CenterCrop(224),
        transforms.ToTensor(),
        norm,
    ]))
    return train, val


def warmup_cosine(step, warm, total):
    if step < warm:
        return (step + 1) / warm
    t = (step - warm) / max(1, total - warm)
    return 0.5 * (1.0 + math.cos(math.pi * t))


def validate(model, loader, device):
    model.eval()
    counts = torch.zeros(2, device=device, dtype=torch.float64)
    with torch.no_grad():
        for x, y in loader:
            x = x.to(device, non_blocking=True)
            y = y.to(device, non_blocking=True)
            counts[0] += (model(x).argmax(1) == y).sum()
            counts[1] += y.numel()
    dist.all_reduce(counts)
    return (counts[0] / counts[1]).item()


def main():
    args = parse()
    dist.init_process_group("nccl")
    local = int(os.environ["LOCAL_RANK"])
    torch.cuda.set_device(local)
    device = torch.device("cuda", local)
    world = dist.get_world_size()

    train_set, val_set = make_sets(args.data)
    sampler = DistributedSampler(train_set)
    train_loader = DataLoader(train_set, batch_size=args.bs, sampler=sampler, num_workers=8,
                              pin_memory=True, drop_last=True)
    val_loader = DataLoader(val_set, batch_size=args.bs, num_workers=8, pin_memory=True,
                            sampler=DistributedSampler(val_set, shuffle=False))

    net = models.regnet_y_1_6gf(weights=None, num_classes=365)
    net = nn.SyncBatchNorm.convert_sync_batchnorm(net).to(device)
    net = DDP(net, device_ids=[local])

    lr = args.base_lr * world * args.bs / 256
    opt = torch.optim.SGD(net.parameters(), lr=lr, momentum=0.9, weight_decay=args.wd, nesterov=True)
    per_epoch = len(train_loader)
    sched = torch.optim.lr_scheduler.LambdaLR(
        opt, lambda s: warmup_cosine(s, args.warmup * per_epoch, args.epochs * per_epoch))
    ce = nn.CrossEntropyLoss(label_smoothing=0.1).to(device)

    for epoch in range(args.epochs):
        sampler.set_epoch(epoch)
        net.train()
        for i, (x, y) in enumerate(train_loader):
            x = x.to(device, non_blocking=True)
            y = y.to(device, non_blocking=True)
            loss = ce(net(x), y)
            opt.zero_grad(set_to_none=True)
            loss.backward()
            opt.step()
            sched.step()
            if i % 100 == 0 and is_main():
                print(f"{epoch} {i}/{per_epoch} {loss.item():.3f} lr {sched.get_last_lr()[0]:.4f}", flush=True)
        top1 = validate(net, val_loader, device)
        if is_main():
            print(f"epoch {epoch}: top1 {top1:.4f}")
            torch.save({"model": net.module.state_dict(), "epoch": epoch, "top1": top1}, args.save)
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
