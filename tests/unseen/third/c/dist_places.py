"""
Multi-GPU training, one process per GPU.

    torchrun --nproc_per_node 4 dist_places.py /data/places-small --amp

float16 autocast with a gradient scaler; gradients are accumulated over --accum mini-batches.
"""
import argparse
import contextlib
import os
from dataclasses import dataclass

import torch
import torch.distributed as dist
import torch.nn as nn
from torch.nn.parallel import DistributedDataParallel as DDP
from torch.utils.data import DataLoader, Subset
from torch.utils.data.distributed import DistributedSampler
from torchvision import transforms
from torchvision.datasets import ImageFolder
from torchvision.models import resnet50


@dataclass
class Env:
    rank: int
    world: int
    local: int

    @property
    def main(self):
        return self.rank == 0


def init_env() -> Env:
    dist.init_process_group(backend="nccl", init_method="env://")
    env = Env(dist.get_rank(), dist.get_world_size(), int(os.environ["LOCAL_RANK"]))
    torch.cuda.set_device(env.local)
    return env


class Engine:
    def __init__(self, args, env):
        self.args, self.env = args, env
        self.device = torch.device("cuda", env.local)

        norm = transforms.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
        train_set = ImageFolder(os.path.join(args.data, "train"), transforms.Compose([
            transforms.RandomResizedCrop(224),
            transforms.RandomHorizontalFlip(),
            transforms.ColorJitter(0.2, 0.2, 0.2),
            transforms.ToTensor(),
            norm,
        ]))
        val_set = ImageFolder(os.path.join(args.data, "val"), transforms.Compose([
            transforms.Resize(256),
            transforms.CenterCrop(224),
            transforms.ToTensor(),
            norm,
        ]))
        assert train_set.class_to_idx == val_set.class_to_idx

        self.sampler = DistributedSampler(train_set, shuffle=True, seed=args.seed, drop_last=True)
        self.train_loader = DataLoader(train_set, batch_size=args.batch_size, sampler=self.sampler,
                                       num_workers=8, pin_memory=True, drop_last=True, persistent_workers=True)
        self.val_loader = DataLoader(Subset(val_set, range(env.rank, len(val_set), env.world)), batch_size=128,
                                     num_workers=4, pin_memory=True, persistent_workers=True)

        model = resnet50(weights=None, num_classes=len(train_set.classes), zero_init_residual=True)
        model = nn.SyncBatchNorm.convert_sync_batchnorm(model).to(self.device, memory_format=torch.channels_last)
        self.net = DDP(model, device_ids=[env.local])
        self.criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
        self.optimizer = torch.optim.SGD(self._groups(model), lr=args.lr, momentum=0.9, nesterov=True)
        self.scaler = torch.cuda.amp.GradScaler(enabled=args.amp)
        self.updates = len(self.train_loader) // args.accum
        total = self.updates * args.epochs
        warm = self.updates * 5
        self.scheduler = torch.optim.lr_scheduler.SequentialLR(
            self.optimizer,
            [
                torch.optim.lr_scheduler.LinearLR(self.optimizer, start_factor=0.01, total_iters=warm),
                torch.optim.lr_scheduler.CosineAnnealingLR(self.optimizer, T_max=total - warm),
            ],
            milestones=[warm],
        )

    def _groups(self, model):
        flat = [p for p in model.parameters() if p.ndim == 1]
        rest = [p for p in model.parameters() if p.ndim > 1]
        return [{"params": rest, "weight_decay": 5e-5}, {"params": flat, "weight_decay": 0.0}]

    def train_epoch(self, epoch):
        args = self.args
        self.sampler.set_epoch(epoch)
        self.net.train()
        loss_sum = torch.zeros((), device=self.device)
        batches = self.updates * args.accum      # an incomplete group at the end is left out
        self.optimizer.zero_grad(set_to_none=True)
        for i, (x, y) in enumerate(self.train_loader):
            if i >= batches:
                break
            x = x.to(self.device, non_blocking=True, memory_format=torch.channels_last)
            y = y.to(self.device, non_blocking=True)
            last = (i + 1) % args.accum == 0
            with contextlib.nullcontext() if last else self.net.no_sync():
                with torch.autocast("cuda", dtype=torch.float16, enabled=args.amp):
                    loss = self.criterion(self.net(x), y)
                self.scaler.scale(loss / args.accum).backward()
            loss_sum += loss.detach()
            if last:
                self.scaler.unscale_(self.optimizer)
                nn.utils.clip_grad_norm_(self.net.parameters(), args.clip)
                self.scaler.step(self.optimizer)
                self.scaler.update()
                self.optimizer.zero_grad(set_to_none=True)
                self.scheduler.step()
        dist.all_reduce(loss_sum)
        return loss_sum.item() / (batches * self.env.world)

    @torch.no_grad()
    def validate(self):
        self.net.eval()
        counts = torch.zeros(2, device=self.device)
        for x, y in self.val_loader:
            x = x.to(self.device, non_blocking=True, memory_format=torch.channels_last)
            y = y.to(self.device, non_blocking=True)
            with torch.autocast("cuda", dtype=torch.float16, enabled=self.args.amp):
                out = self.net.module(x)
            counts[0] += (out.argmax(1) == y).sum()
            counts[1] += y.numel()
        dist.all_reduce(counts)
        return (counts[0] / counts[1]).item()

    def fit(self):
        for epoch in range(self.args.epochs):
            loss = self.train_epoch(epoch)
            acc = self.validate()
            if self.env.main:
                print(f"{epoch:03d} loss {loss:.4f} val {acc:.4f} lr {self.scheduler.get_last_lr()[0]:.4f}", flush=True)
                torch.save(self.net.module.state_dict(), self.args.out)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("data")
    ap.add_argument("--epochs", type=int, default=100)
    ap.add_argument("--batch-size", type=int, default=64)
    ap.add_argument("--accum", type=int, default=2)
    ap.add_argument("--lr", type=float, default=0.2)
    ap.add_argument("--clip", type=float, default=5.0)
    ap.add_argument("--amp", action="store_true")
    ap.add_argument("--seed", type=int, default=99)
    ap.add_argument("--out", default="places_r50.pt")
    args = ap.parse_args()
    env = init_env()
    torch.manual_seed(args.seed + env.rank)
    torch.backends.cudnn.benchmark = True
    Engine(args, env).fit()
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
