#!/usr/bin/env python3
"""Fine-tunes a ViT of timm on Food-101.

single card:   ./tune_food.py --data /mnt/food
several cards: torchrun --nproc_per_node 8 tune_food.py --data /mnt/food --batch-size 64
"""
import argparse
import json
import logging
import os
import random
import time

import numpy as np
import torch
import torch.distributed as dist
from timm import create_model
from timm.data import Mixup, create_transform, resolve_model_data_config
from timm.loss import SoftTargetCrossEntropy
from timm.optim import create_optimizer_v2
from timm.scheduler import create_scheduler_v2
from timm.utils import AverageMeter, NativeScaler, accuracy
from torch.nn.parallel import DistributedDataParallel as DDP
from torch.utils.data import DataLoader, DistributedSampler, RandomSampler, Subset
from torchvision.datasets import Food101

_log = logging.getLogger("tune_food")


def get_parser():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    g = parser.add_argument_group("data")
    g.add_argument("--data", metavar="DIR", required=True)
    g.add_argument("--num-classes", type=int, default=101)
    g.add_argument("--held-out", type=int, default=5050, help="pictures of the training part kept for validation")
    g.add_argument("-b", "--batch-size", type=int, default=512, help="per process")
    g.add_argument("-j", "--workers", type=int, default=8)
    g = parser.add_argument_group("model")
    g.add_argument("--model", default="vit_small_patch16_224.augreg_in21k")
    g.add_argument("--drop-path", type=float, default=0.1)
    g = parser.add_argument_group("optimisation")
    g.add_argument("--opt", default="adamw")
    g.add_argument("--lr", type=float, default=5e-4)
    g.add_argument("--weight-decay", type=float, default=0.05)
    g.add_argument("--layer-decay", type=float, default=0.7)
    g.add_argument("--clip-grad", type=float, default=1.0)
    g.add_argument("--sched", default="cosine")
    g.add_argument("--epochs", type=int, default=20)
    g.add_argument("--warmup-epochs", type=int, default=3)
    g.add_argument("--warmup-lr", type=float, default=1e-6)
    g.add_argument("--min-lr", type=float, default=1e-6)
    g = parser.add_argument_group("regularisation")
    g.add_argument("--aa", default="rand-m9-mstd0.5-inc1")
    g.add_argument("--reprob", type=float, default=0.25)
    g.add_argument("--mixup", type=float, default=0.2)
    g.add_argument("--cutmix", type=float, default=1.0)
    g.add_argument("--smoothing", type=float, default=0.1)
    g = parser.add_argument_group("misc")
    g.add_argument("--seed", type=int, default=42)
    g.add_argument("--output", default="out/food")
    return parser


class Env:
    """rank, device and friends"""

    def __init__(self):
        self.world_size = int(os.environ.get("WORLD_SIZE", 1))
        self.rank = int(os.environ.get("RANK", 0))
        self.distributed = self.world_size > 1
        local_rank = int(os.environ.get("LOCAL_RANK", 0))
        torch.cuda.set_device(local_rank)
        self.device = torch.device("cuda", local_rank)
        if self.distributed:
            dist.init_process_group("nccl", init_method="env://")

    @property
    def primary(self):
        return self.rank == 0

    def total(self, *values):
        t = torch.tensor(values, dtype=torch.float64, device=self.device)
        if self.distributed:
            dist.all_reduce(t)
        return t.tolist()


def seed_all(seed, rank):
    torch.manual_seed(seed + rank)
    np.random.seed(seed + rank)
    random.seed(seed + rank)


def make_data(args, env, data_cfg):
    tf_train = create_transform(
        input_size=data_cfg["input_size"], is_training=True, auto_augment=args.aa,
        interpolation=data_cfg["interpolation"], mean=data_cfg["mean"], std=data_cfg["std"],
        re_prob=args.reprob, re_mode="pixel",
    )
    tf_eval = create_transform(**data_cfg, is_training=False)

    full = Food101(args.data, split="train", transform=tf_train, download=False)
    same = Food101(args.data, split="train", transform=tf_eval, download=False)
    test = Food101(args.data, split="test", transform=tf_eval, download=False)
    perm = np.random.RandomState(args.seed).permutation(len(full))
    train, val = Subset(full, perm[args.held_out:]), Subset(same, perm[:args.held_out])

    sampler = (DistributedSampler(train, env.world_size, env.rank, shuffle=True, seed=args.seed)
               if env.distributed else RandomSampler(train))
    common = dict(num_workers=args.workers, pin_memory=True)
    # every process takes its own stride of the evaluation pictures: no picture counts twice
    strided = [Subset(d, range(env.rank, len(d), env.world_size)) for d in (val, test)]
    return (DataLoader(train, args.batch_size, sampler=sampler, drop_last=True, **common), sampler,
            *[DataLoader(d, args.batch_size, **common) for d in strided])


def train_epoch(epoch, model, loader, loss_fn, optimizer, scaler, mixer, args, env):
    model.train()
    meter = AverageMeter()
    for step, (x, y) in enumerate(loader):
        x = x.to(env.device, non_blocking=True)
        y = y.to(env.device, non_blocking=True)
        x, y = mixer(x, y)
        with torch.autocast("cuda", dtype=torch.float16):
            loss = loss_fn(model(x), y)
        optimizer.zero_grad()
        scaler(loss, optimizer, clip_grad=args.clip_grad, parameters=model.parameters())
        meter.update(loss.item(), x.size(0))
        if env.primary and step % 50 == 0:
            _log.info("epoch %d [%d/%d] loss %.4f (%.4f) lr %.3e", epoch, step, len(loader), meter.val, meter.avg,
                      max(group["lr"] for group in optimizer.param_groups))
    return meter.avg


@torch.inference_mode()
def validate(model, loader, env):
    model.eval()
    top1 = top5 = count = 0.0
    for x, y in loader:
        x = x.to(env.device, non_blocking=True)
        y = y.to(env.device, non_blocking=True)
        with torch.autocast("cuda", dtype=torch.float16):
            out = model(x)
        a1, a5 = accuracy(out.float(), y, topk=(1, 5))
        top1 += a1.item() * y.size(0)
        top5 += a5.item() * y.size(0)
        count += y.size(0)
    top1, top5, count = env.total(top1, top5, count)
    return {"top1": top1 / count, "top5": top5 / count}


def main():
    args = get_parser().parse_args()
    env = Env()
    logging.basicConfig(level=logging.INFO if env.primary else logging.WARNING)
    seed_all(args.seed, env.rank)
    torch.backends.cudnn.benchmark = True
    os.makedirs(args.output, exist_ok=True)

    model = create_model(args.model, pretrained=True, num_classes=args.num_classes, drop_path_rate=args.drop_path)
    data_cfg = resolve_model_data_config(model)
    model.to(env.device)
    optimizer = create_optimizer_v2(
        model, opt=args.opt, lr=args.lr, weight_decay=args.weight_decay, layer_decay=args.layer_decay
    )
    scheduler, epochs = create_scheduler_v2(
        optimizer, sched=args.sched, num_epochs=args.epochs, warmup_epochs=args.warmup_epochs,
        warmup_lr=args.warmup_lr, min_lr=args.min_lr,
    )
    bare = model
    if env.distributed:
        model = DDP(model, device_ids=[env.device.index])

    train_loader, sampler, val_loader, test_loader = make_data(args, env, data_cfg)
    mixer = Mixup(mixup_alpha=args.mixup, cutmix_alpha=args.cutmix, prob=0.8,
                  label_smoothing=args.smoothing, num_classes=args.num_classes)
    loss_fn = SoftTargetCrossEntropy()
    scaler = NativeScaler()

    best, history = -1.0, []
    best_file = os.path.join(args.output, "best.pth")
    for epoch in range(epochs):
        started = time.time()
        if env.distributed:
            sampler.set_epoch(epoch)
        train_loss = train_epoch(epoch, model, train_loader, loss_fn, optimizer, scaler, mixer, args, env)
        result = validate(bare, val_loader, env)
        scheduler.step(epoch + 1)
        history.append({"epoch": epoch, "train_loss": train_loss, "seconds": time.time() - started, **result})
        if env.primary:
            _log.info("epoch %d val top1 %.2f top5 %.2f", epoch, result["top1"], result["top5"])
            if result["top1"] > best:
                best = result["top1"]
                torch.save(bare.state_dict(), best_file)
            with open(os.path.join(args.output, "history.json"), "w") as fp:
                json.dump(history, fp, indent=2)

    if env.distributed:
        dist.barrier()
    bare.load_state_dict(torch.load(best_file, map_location=env.device))
    final = validate(bare, test_loader, env)
    if env.primary:
        _log.info("test, epoch chosen on the held-out pictures: top1 %.2f top5 %.2f", final["top1"], final["top5"])
    if env.distributed:
        dist.destroy_process_group()


if __name__ == "__main__":
    main()
