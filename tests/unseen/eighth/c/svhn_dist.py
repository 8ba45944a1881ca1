"""
SVHN with a small plain CNN, several processes.

    OMP_NUM_THREADS=4 torchrun --nproc_per_node=gpu svhn_dist.py --epochs 30
"""
import argparse
import os
from contextlib import contextmanager

import torch
import torch.distributed as td
from torch import nn
from torch.utils import data as tud
from torchvision import transforms as tr
from torchvision.datasets import SVHN


class World:
    """The few things about the process group that the rest wants to know."""

    def __init__(self):
        td.init_process_group(backend="nccl" if torch.cuda.is_available() else "gloo")
        self.rank, self.size = td.get_rank(), td.get_world_size()
        if torch.cuda.is_available():
            self.device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
            torch.cuda.set_device(self.device)
        else:
            self.device = torch.device("cpu")

    @property
    def chief(self):
        return self.rank == 0

    @contextmanager
    def chief_first(self):
        if not self.chief:
            td.barrier()
        yield
        if self.chief:
            td.barrier()

    def total(self, *numbers):
        t = torch.tensor(numbers, dtype=torch.float64, device=self.device)
        td.all_reduce(t)
        return t.tolist()


def conv_unit(cin, cout, stride=1):
    return nn.Sequential(
        nn.Conv2d(cin, cout, 3, stride=stride, padding=1, bias=False), nn.BatchNorm2d(cout), nn.ReLU(inplace=True)
    )


class DigitNet(nn.Module):
    def __init__(self, width=64, n_out=10):
        super().__init__()
        self.features = nn.Sequential(
            conv_unit(3, width), conv_unit(width, width),
            conv_unit(width, 2 * width, 2), conv_unit(2 * width, 2 * width),
            conv_unit(2 * width, 4 * width, 2), conv_unit(4 * width, 4 * width),
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.3),
        )
        self.out = nn.Linear(4 * width, n_out)

    def forward(self, x):
        return self.out(self.features(x))


class Job:
    mean, std = (0.4377, 0.4438, 0.4728), (0.1980, 0.2010, 0.1970)

    def __init__(self, opt, world):
        self.opt, self.world = opt, world
        torch.manual_seed(opt.seed + world.rank)
        self._data()
        net = nn.SyncBatchNorm.convert_sync_batchnorm(DigitNet()) if world.device.type == "cuda" else DigitNet()
        net.to(world.device)
        ids = [world.device.index] if world.device.type == "cuda" else None
        self.net = nn.parallel.DistributedDataParallel(net, device_ids=ids)
        self.optim = torch.optim.SGD(self.net.parameters(), lr=opt.lr, momentum=0.9, weight_decay=5e-4, nesterov=True)
        self.plan = torch.optim.lr_scheduler.CosineAnnealingLR(self.optim, opt.epochs * len(self.train_dl))
        self.loss = nn.CrossEntropyLoss()

    def _data(self):
        o = self.opt
        base = [tr.ToTensor(), tr.Normalize(self.mean, self.std)]
        jitter = tr.Compose([tr.RandomCrop(32, padding=3, padding_mode="reflect"), tr.ColorJitter(0.2, 0.2)] + base)
        with self.world.chief_first():
            full = SVHN(o.root, split="train", transform=jitter, download=True)
            self.test_set = SVHN(o.root, split="test", transform=tr.Compose(base), download=True)
        still = SVHN(o.root, split="train", transform=tr.Compose(base))
        # same permutation on every rank
        perm = torch.randperm(len(full), generator=torch.Generator().manual_seed(o.seed)).tolist()
        self.train_set = tud.Subset(full, perm[6000:])
        self.val_set = tud.Subset(still, perm[:6000])
        self.shards = tud.distributed.DistributedSampler(self.train_set, seed=o.seed, drop_last=True)
        self.train_dl = tud.DataLoader(self.train_set, o.batch, sampler=self.shards, num_workers=o.workers, drop_last=True)

    def measure(self, dataset):
        mine = tud.Subset(dataset, range(self.world.rank, len(dataset), self.world.size))
        model = self.net.module.eval()
        right = 0
        with torch.no_grad():
            for x, y in tud.DataLoader(mine, 512, num_workers=self.opt.workers):
                right += (model(x.to(self.world.device)).argmax(1).cpu() == y).sum().item()
        right, n = self.world.total(right, len(mine))
        return right / n

    def fit(self):
        for epoch in range(self.opt.epochs):
            self.shards.set_epoch(epoch)
            self.net.train()
            run, n = 0.0, 0
            for x, y in self.train_dl:
                x, y = x.to(self.world.device), y.to(self.world.device)
                self.optim.zero_grad()
                loss = self.loss(self.net(x), y)
                loss.backward()
                self.optim.step()
                self.plan.step()
                run, n = run + loss.item() * len(y), n + len(y)
            run, n = self.world.total(run, n)
            val = self.measure(self.val_set)
            if self.world.chief:
                print(f"{epoch + 1}/{self.opt.epochs} loss {run / n:.4f} val {val:.4f}", flush=True)
        test = self.measure(self.test_set)
        if self.world.chief:
            print(f"test {test:.4f}")
            torch.save(self.net.module.state_dict(), "svhn.pth")


if __name__ == "__main__":
    a = argparse.ArgumentParser()
    a.add_argument("--root", default="./svhn")
    a.add_argument("--epochs", type=int, default=30)
    a.add_argument("--batch", type=int, default=128, help="per process")
    a.add_argument("--lr", type=float, default=0.05)
    a.add_argument("--workers", type=int, default=4)
    a.add_argument("--seed", type=int, default=1)
    options = a.parse_args()
    w = World()
    try:
        Job(options, w).fit()
    finally:
        td.destroy_process_group()
