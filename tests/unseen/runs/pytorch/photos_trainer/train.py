import argparse
import json
import logging
import os

import torch
import torch.nn as nn
from torchvision.models import resnet18

from data import build_loaders
from trainer import Trainer

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")


def build_optimizer(net, cfg):
    decay, no_decay = [], []
    for name, p in net.named_parameters():
        (no_decay if p.ndim == 1 else decay).append(p)
    groups = [{"params": decay, "weight_decay": cfg["weight_decay"]}, {"params": no_decay, "weight_decay": 0.0}]
    return torch.optim.SGD(groups, lr=cfg["lr"], momentum=cfg["momentum"])


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    ap = argparse.ArgumentParser()
    ap.add_argument("-c", "--config", default=os.path.join(here, "config.json"))
    args = ap.parse_args()
    with open(args.config) as f:
        cfg = json.load(f)
    torch.manual_seed(cfg["seed"])

    train_loader, val_loader, classes = build_loaders(cfg)
    net = resnet18(weights=None, num_classes=len(classes))
    optimizer = build_optimizer(net, cfg)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=cfg["lr_decay"])
    trainer = Trainer(net, nn.CrossEntropyLoss(label_smoothing=cfg["smoothing"]), optimizer, scheduler, cfg)
    trainer.fit(train_loader, val_loader)


if __name__ == "__main__":
    main()
