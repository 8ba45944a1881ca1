# torchrun --standalone --nproc_per_node=4 in100_ddp.py /datasets/imagenet100
#
# ResNet-50 from scratch on a 100-class subset of ImageNet.
# bfloat16 autocast; linear scaling of the rate with the number of GPUs.

import math
import os
import sys
import time

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel as DDP
from torch.utils.data import DataLoader, DistributedSampler, Subset
from torchvision.datasets import ImageFolder
from torchvision.models import resnet50
from torchvision.transforms import v2 as T

EPOCHS = 100
PER_GPU = 128
WARM_EPOCHS = 5
BASE = 0.1            # for 256 images per step
SEED = 17


def say(*msg):
    if dist.get_rank() == 0:
        print(*msg, flush=True)


def folders(root):
    finish = T.Compose([T.PILToTensor(), T.ToDtype(torch.float, scale=True),
                        T.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])])
    fit = ImageFolder(os.path.join(root, "train"),
                      T.Compose([T.RandomResizedCrop(224, antialias=True), T.RandomHorizontalFlip(), finish]))
    val = ImageFolder(os.path.join(root, "val"),
                      T.Compose([T.Resize(256, antialias=True), T.CenterCrop(224), finish]))
    assert fit.class_to_idx == val.class_to_idx and len(fit.classes) == 100
    return fit, val


def split_decay(net, wd):
    plain = [p for p in net.parameters() if p.ndim < 2]
    heavy = [p for p in net.parameters() if p.ndim >= 2]
    return [dict(params=heavy, weight_decay=wd), dict(params=plain, weight_decay=0.0)]


@torch.no_grad()
def measure(net, loader, dev):
    """Every rank takes its own share of the images (no padding), the counts are added up."""
    net.eval()
    n = torch.zeros(2, dtype=torch.float64, device=dev)
    for x, y in loader:
        x = x.to(dev, non_blocking=True, memory_format=torch.channels_last)
        y = y.to(dev, non_blocking=True)
        with torch.autocast("cuda", dtype=torch.bfloat16):
            p = net(x).argmax(1)
        n[0] += (p == y).sum()
        n[1] += y.numel()
    dist.all_reduce(n)
    return (n[0] / n[1]).item()


def worker(root):
    dist.init_process_group("nccl")
    rank, world = dist.get_rank(), dist.get_world_size()
    local = int(os.environ["LOCAL_RANK"])
    torch.cuda.set_device(local)
    dev = torch.device("cuda", local)
    torch.manual_seed(SEED + rank)
    torch.backends.cudnn.benchmark = True

    fit, val = folders(root)
    sampler = DistributedSampler(fit, num_replicas=world, rank=rank, shuffle=True, seed=SEED, drop_last=True)
    fit_dl = DataLoader(fit, PER_GPU, sampler=sampler, num_workers=10, pin_memory=True, drop_last=True,
                        persistent_workers=True)
    val_dl = DataLoader(Subset(val, range(rank, len(val), world)), PER_GPU, num_workers=6, pin_memory=True)

    net = resnet50(weights=None, num_classes=100, zero_init_residual=True).to(dev, memory_format=torch.channels_last)
    net = nn.SyncBatchNorm.convert_sync_batchnorm(net)
    ddp = DDP(net, device_ids=[local])          # rank 0's weights are sent to all

    peak = BASE * PER_GPU * world / 256
    opt = torch.optim.SGD(split_decay(ddp, 1e-4), lr=peak, momentum=0.9, nesterov=True)
    total, warm = EPOCHS * len(fit_dl), WARM_EPOCHS * len(fit_dl)
    sched = torch.optim.lr_scheduler.LambdaLR(
        opt, lambda s: (s + 1) / warm if s < warm else 0.5 + 0.5 * math.cos(math.pi * (s - warm) / (total - warm)))
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)

    for epoch in range(EPOCHS):
        sampler.set_epoch(epoch)
        ddp.train()
        t0 = time.time()
        for x, y in fit_dl:
            x = x.to(dev, non_blocking=True, memory_format=torch.channels_last)
            y = y.to(dev, non_blocking=True)
            opt.zero_grad(set_to_none=True)
            with torch.autocast("cuda", dtype=torch.bfloat16):
                loss = criterion(ddp(x), y)
            loss.backward()
            opt.step()
            sched.step()
        took = time.time() - t0
        top1 = measure(ddp.module, val_dl, dev)
        say(f"{epoch:3d}  top1 {top1:.4f}  {len(fit_dl) * PER_GPU * world / took:.0f} img/s")
        if rank == 0:
            torch.save({"net": ddp.module.state_dict(), "epoch": epoch}, "in100_last.pth")
        dist.barrier()
    dist.destroy_process_group()


if __name__ == "__main__":
    worker(sys.argv[1])
