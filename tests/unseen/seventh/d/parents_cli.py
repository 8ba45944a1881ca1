#!/usr/bin/env python3
"""Fine-tune a torchvision classifier on a directory with train/, val/ and test/ in it.

Sub commands:  fit DIR      trains and stores the weights
               exam DIR     measures stored weights on DIR/test
"""
import argparse
import pathlib
import sys

import torch
import torchvision
from torch import nn, optim
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder
from torchvision.transforms import (CenterCrop, ColorJitter, Compose, Normalize, RandomHorizontalFlip,
                                    RandomResizedCrop, Resize, ToTensor)


def numbers(text):
    return [float(t) for t in text.split(",")]


def common_options():
    p = argparse.ArgumentParser(add_help=False)
    g = p.add_argument_group("data")
    g.add_argument("dir", type=pathlib.Path)
    g.add_argument("--classes", type=int, default=8)
    g.add_argument("--crop", type=int, default=224)
    g.add_argument("--resize", type=int, default=256)
    g.add_argument("--rgb-mean", type=numbers, default=[123.675, 116.28, 103.53], help="in units of 0..255")
    g.add_argument("--rgb-std", type=numbers, default=[58.395, 57.12, 57.375], help="in units of 0..255")
    g.add_argument("-b", "--batch-size", type=int, default=40)
    g.add_argument("-j", type=int, default=4, dest="jobs")
    return p


def network_options():
    p = argparse.ArgumentParser(add_help=False)
    g = p.add_argument_group("network")
    g.add_argument("--arch", default="efficientnet_b0")
    g.add_argument("--weights", default="IMAGENET1K_V1")
    g.add_argument("--file", type=pathlib.Path, default=pathlib.Path("tuned.pt"))
    g.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    return p


def learning_options():
    p = argparse.ArgumentParser(add_help=False)
    g = p.add_argument_group("learning")
    for flag, default in (("--lr", 0.0004), ("--weight-decay", 1e-5), ("--gamma", 0.93)):
        g.add_argument(flag, type=float, default=default)
    for flag, default in (("--epochs", 24), ("--seed", 31)):
        g.add_argument(flag, type=int, default=default)
    return p


def command_line(argv):
    data, net, learn = common_options(), network_options(), learning_options()
    top = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    subs = top.add_subparsers(dest="command", required=True)
    subs.add_parser("fit", parents=[data, net, learn]).set_defaults(func=fit)
    subs.add_parser("exam", parents=[data, net]).set_defaults(func=exam)
    return top.parse_args(argv)


def feed(a, part):
    to_unit = [ToTensor(), Normalize([m / 255 for m in a.rgb_mean], [s / 255 for s in a.rgb_std])]
    if part == "train":
        steps = [RandomResizedCrop(a.crop, (0.5, 1.0)), RandomHorizontalFlip(), ColorJitter(0.2, 0.2, 0.2)]
    else:
        steps = [Resize(a.resize), CenterCrop(a.crop)]
    folder = ImageFolder(str(a.dir / part), Compose(steps + to_unit))
    if len(folder.classes) != a.classes:
        sys.exit(f"{a.dir / part} has {len(folder.classes)} classes, not {a.classes}")
    return DataLoader(folder, a.batch_size, shuffle=part == "train", num_workers=a.jobs)


def network(a, weights):
    net = torchvision.models.get_model(a.arch, weights=weights)
    *_, (name, last) = [(n, m) for n, m in net.named_modules() if isinstance(m, nn.Linear)]
    parent, _, leaf = name.rpartition(".")
    setattr(net.get_submodule(parent), leaf, nn.Linear(last.in_features, a.classes))
    return net.to(a.device)


@torch.no_grad()
def hit_rate(net, loader, device):
    net.eval()
    hits = 0
    for x, y in loader:
        hits += (net(x.to(device)).argmax(1) == y.to(device)).sum().item()
    return hits / len(loader.dataset)


def fit(a):
    torch.manual_seed(a.seed)
    train, val = feed(a, "train"), feed(a, "val")
    net = network(a, a.weights)
    opt = optim.Adam(net.parameters(), lr=a.lr, weight_decay=a.weight_decay)
    fade = optim.lr_scheduler.ExponentialLR(opt, a.gamma)
    ce = nn.CrossEntropyLoss()
    record = 0.0
    for epoch in range(a.epochs):
        net.train()
        for x, y in train:
            opt.zero_grad()
            ce(net(x.to(a.device)), y.to(a.device)).backward()
            opt.step()
        fade.step()
        rate = hit_rate(net, val, a.device)
        print(f"{epoch + 1}/{a.epochs} val {rate:.3%}")
        if rate > record:
            record = rate
            torch.save(net.state_dict(), a.file)


def exam(a):
    net = network(a, None)
    net.load_state_dict(torch.load(a.file, map_location=a.device))
    print(f"test {hit_rate(net, feed(a, 'test'), a.device):.3%}")


if __name__ == "__main__":
    args = command_line(sys.argv[1:])
    args.func(args)
