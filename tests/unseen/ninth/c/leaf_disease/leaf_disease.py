# Blattkrankheiten, EfficientNet-B3 (timm 0.9)
# python leaf_disease.py -c b3.yaml
import math
import random

import numpy as np
import timm
import torch
from timm.loss import LabelSmoothingCrossEntropy
from timm.optim import create_optimizer_v2
from timm.scheduler import CosineLRScheduler

import cfg as settings
from images import loaders


def seed_all(n):
    random.seed(n)
    np.random.seed(n)
    torch.manual_seed(n)


class Trainer:
    def __init__(self, cfg):
        self.cfg = cfg
        self.dev = "cuda" if torch.cuda.is_available() else "cpu"
        self.train_loader, self.val_loader = loaders(cfg)
        self.net = timm.create_model(cfg.net.name, pretrained=True, num_classes=cfg.net.classes,
                                     drop_rate=cfg.net.drop_rate).to(self.dev)
        t = cfg.train
        self.opt = create_optimizer_v2(self.net, opt=t.opt, lr=t.lr, weight_decay=t.wd,
                                       momentum=t.momentum, eps=1e-3)
        steps = len(self.train_loader)
        # in Schritten, nicht in Epochen
        self.sched = CosineLRScheduler(self.opt, t_initial=t.epochs * steps, lr_min=1e-6,
                                       warmup_t=t.warmup * steps, warmup_lr_init=1e-6,
                                       warmup_prefix=False, t_in_epochs=False)
        self.loss = LabelSmoothingCrossEntropy(0.1)
        self.updates = 0

    def fit(self):
        best = -math.inf
        for ep in range(self.cfg.train.epochs):
            self.net.train()
            run, n = torch.zeros((), device=self.dev), 0
            for x, y in self.train_loader:
                x, y = x.to(self.dev, non_blocking=True), y.to(self.dev, non_blocking=True)
                self.opt.zero_grad()
                l = self.loss(self.net(x), y)
                l.backward()
                self.opt.step()
                self.updates += 1
                self.sched.step_update(self.updates)
                run += l.detach() * len(y)
                n += len(y)
            acc = self.check()
            print(f"Epoche {ep + 1}: Verlust {run.item() / n:.4f}, Genauigkeit {acc:.4f}")
            if acc > best:
                best = acc
                torch.save(self.net.state_dict(), "leaf_b3.pt")

    @torch.no_grad()
    def check(self):
        self.net.eval()
        right = torch.zeros((), device=self.dev)
        for x, y in self.val_loader:
            x, y = x.to(self.dev, non_blocking=True), y.to(self.dev, non_blocking=True)
            right += (self.net(x).argmax(1) == y).sum()
        return right.item() / len(self.val_loader.dataset)


if __name__ == "__main__":
    conf = settings.read()
    seed_all(conf.train.seed)
    Trainer(conf).fit()
