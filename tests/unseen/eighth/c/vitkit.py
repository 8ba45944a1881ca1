#!/usr/bin/env python3
"""vitkit - fine-tune and evaluate ViTs on Oxford-IIIT Pet

  vitkit.py train --out pets.ckpt
  vitkit.py score pets.ckpt
"""
import argparse
import sys

import timm
import torch
import torch.nn.functional as F
import torchvision.transforms as VT
from timm.optim import create_optimizer_v2
from timm.scheduler import create_scheduler_v2
from torch.utils.data import DataLoader, Subset
from torchvision.datasets import OxfordIIITPet
from torchvision.transforms import InterpolationMode

N_BREEDS = 37
HALF = [0.5, 0.5, 0.5]  # augreg weights want inputs in -1..1


def base_options():
    base = argparse.ArgumentParser(add_help=False)
    g = base.add_argument_group("common")
    g.add_argument("--data", default="data")
    g.add_argument("--model", default="vit_small_patch16_224.augreg_in21k_ft_in1k")
    g.add_argument("--size", type=int, default=224)
    g.add_argument("--batch", type=int, default=64)
    g.add_argument("--jobs", type=int, default=4)
    g.add_argument("--device", default="cuda")
    return base


def build_cli():
    base = base_options()
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    sub = cli.add_subparsers(dest="cmd", required=True)

    t = sub.add_parser("train", parents=[base])
    t.add_argument("--out", default="pets.ckpt")
    t.add_argument("--epochs", type=int, default=15)
    t.add_argument("--warmup", type=int, default=2)
    t.add_argument("--opt", default="adamw")
    t.add_argument("--lr", type=float, default=1e-4)
    t.add_argument("--wd", type=float, default=0.05)
    t.add_argument("--layer-decay", type=float, default=0.8)
    t.add_argument("--holdout", type=int, default=500)
    t.add_argument("--seed", type=int, default=8)
    t.set_defaults(run=cmd_train)

    s = sub.add_parser("score", parents=[base])
    s.add_argument("ckpt")
    s.set_defaults(run=cmd_score)
    return cli


def view(size, train):
    bicubic = InterpolationMode.BICUBIC
    if train:
        steps = [VT.RandomResizedCrop(size, scale=(0.4, 1.0), interpolation=bicubic), VT.RandomHorizontalFlip(), VT.RandAugment(2, 7)]
    else:
        steps = [VT.Resize(int(size / 0.9), interpolation=bicubic), VT.CenterCrop(size)]
    return VT.Compose(steps + [VT.ToTensor(), VT.Normalize(HALF, HALF)])


def pets(o, split, train=False):
    return OxfordIIITPet(o.data, split=split, transform=view(o.size, train), download=True)


def batches(o, ds, train=False):
    return DataLoader(ds, batch_size=o.batch, shuffle=train, drop_last=train, num_workers=o.jobs, pin_memory=True)


def top1(net, dl, device):
    was_training = net.training
    net.eval()
    hits = 0
    with torch.no_grad():
        for x, y in dl:
            hits += (net(x.to(device)).argmax(1) == y.to(device)).sum().item()
    net.train(was_training)
    return hits / len(dl.dataset)


def cmd_train(o):
    torch.manual_seed(o.seed)
    noisy, plain = pets(o, "trainval", train=True), pets(o, "trainval")
    ids = torch.randperm(len(plain), generator=torch.Generator().manual_seed(o.seed)).tolist()
    tr = batches(o, Subset(noisy, ids[o.holdout:]), train=True)
    va = batches(o, Subset(plain, ids[:o.holdout]))

    net = timm.create_model(o.model, pretrained=True, num_classes=N_BREEDS, drop_path_rate=0.1).to(o.device)
    opt = create_optimizer_v2(net, opt=o.opt, lr=o.lr, weight_decay=o.wd, layer_decay=o.layer_decay)
    sched, n_epochs = create_scheduler_v2(
        opt,
        sched="cosine",
        num_epochs=o.epochs,
        warmup_epochs=o.warmup,
        warmup_lr=1e-6,
        min_lr=1e-6,
        step_on_epochs=False,
        updates_per_epoch=len(tr),
    )

    best, updates = 0.0, 0
    net.train()
    for epoch in range(n_epochs):
        for x, y in tr:
            loss = F.cross_entropy(net(x.to(o.device)), y.to(o.device), label_smoothing=0.1)
            opt.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
            updates += 1
            sched.step_update(num_updates=updates)
        sched.step(epoch + 1)
        acc = top1(net, va, o.device)
        print(f"{epoch + 1:>3}/{n_epochs}  loss {loss.item():.3f}  held out {acc:.2%}")
        if acc > best:
            best = acc
            torch.save({"arch": o.model, "weights": net.state_dict()}, o.out)


def cmd_score(o):
    blob = torch.load(o.ckpt, map_location="cpu")
    net = timm.create_model(blob["arch"], num_classes=N_BREEDS)
    net.load_state_dict(blob["weights"])
    net.to(o.device)
    print(f"test {top1(net, batches(o, pets(o, 'test')), o.device):.2%}")


if __name__ == "__main__":
    options = build_cli().parse_args()
    sys.exit(options.run(options))
