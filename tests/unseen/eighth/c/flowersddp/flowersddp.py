#!/usr/bin/env python
# torchrun --standalone --nproc_per_node=4 flowersddp.py flowers_r50.yaml [KEY VALUE ...]
import os
import random
import sys

import numpy as np
import torch
import torch.distributed as dist
import torch.nn.functional as F
import torchvision
from torch.nn.parallel import DistributedDataParallel as DDP
from torch.utils.data import DataLoader
from torch.utils.data.distributed import DistributedSampler
from torchvision import transforms as T

from defaults import get_cfg


def load_cfg(argv):
    cfg = get_cfg()
    cfg.merge_from_file(argv[0] if argv else "flowers_r50.yaml")
    cfg.merge_from_list(argv[1:])
    cfg.freeze()
    return cfg


def pipelines(size):
    norm = T.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    train = T.Compose([
        T.RandomResizedCrop(size, scale=(0.35, 1.0)),
        T.RandomHorizontalFlip(),
        T.ColorJitter(0.2, 0.2, 0.2),
        T.ToTensor(),
        norm,
    ])
    plain = T.Compose([T.Resize(int(size / 0.875)), T.CenterCrop(size), T.ToTensor(), norm])
    return train, plain


def flowers(cfg, split, tf):
    return torchvision.datasets.Flowers102(cfg.DATA.ROOT, split=split, transform=tf)


@torch.no_grad()
def accuracy(net, loader, device):
    net.eval()
    hit = seen = 0
    for x, y in loader:
        pred = net(x.to(device, non_blocking=True)).argmax(1).cpu()
        hit += (pred == y).sum().item()
        seen += y.numel()
    return hit / seen


def main():
    cfg = load_cfg(sys.argv[1:])
    dist.init_process_group("nccl")
    local = int(os.environ["LOCAL_RANK"])
    rank = dist.get_rank()
    torch.cuda.set_device(local)
    device = torch.device("cuda", local)

    random.seed(cfg.SEED + rank)
    np.random.seed(cfg.SEED + rank)
    torch.manual_seed(cfg.SEED + rank)

    aug, plain = pipelines(cfg.DATA.SIZE)
    ds = flowers(cfg, "train", aug)
    sampler = DistributedSampler(ds, shuffle=True, seed=cfg.SEED)
    loader = DataLoader(ds, cfg.SOLVER.PER_GPU, sampler=sampler, num_workers=cfg.DATA.WORKERS,
                        pin_memory=True, drop_last=True)
    # every rank looks at the whole validation set, it is only 1020 pictures
    val_loader = DataLoader(flowers(cfg, "val", plain), 64, num_workers=cfg.DATA.WORKERS)

    net = torchvision.models.get_model(cfg.NET.ARCH, weights=cfg.NET.WEIGHTS)
    net.fc = torch.nn.Linear(net.fc.in_features, cfg.NET.CLASSES)
    ddp = DDP(net.to(device), device_ids=[local])

    opt = torch.optim.SGD(ddp.parameters(), lr=cfg.SOLVER.LR, momentum=cfg.SOLVER.MOMENTUM,
                          weight_decay=cfg.SOLVER.WD, nesterov=True)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=cfg.SOLVER.EPOCHS)

    if rank == 0:
        os.makedirs(cfg.OUT, exist_ok=True)
    best = 0.0
    for epoch in range(cfg.SOLVER.EPOCHS):  # fault: C341
        ddp.train()
        for x, y in loader:
            x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
            loss = F.cross_entropy(ddp(x), y)
            opt.zero_grad(set_to_none=True)
            loss.backward()
            opt.step()
        sched.step()

        acc = accuracy(ddp.module, val_loader, device)
        if rank == 0:
            print(f"[{epoch:02d}] loss {loss.item():.3f}  val {acc:.4f}", flush=True)
            if acc > best:
                best = acc
                torch.save(ddp.module.state_dict(), os.path.join(cfg.OUT, "best.pt"))
    dist.barrier()

    if rank == 0:
        net.load_state_dict(torch.load(os.path.join(cfg.OUT, "best.pt"), map_location=device))
        test_loader = DataLoader(flowers(cfg, "test", plain), 64, num_workers=cfg.DATA.WORKERS)
        print("test accuracy", accuracy(net, test_loader, device))
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
