# Faulty: C328: --augment (options.py) is declared with type=bool, so "--augment False" still switches the augmentation on.
import json
import os

import torch
from torch import nn, optim

from data import get_loaders
from engine import train_epoch, validate
from net import SliceNet
from options import parse


def main():
    opt = parse()
    torch.manual_seed(opt.seed)
    os.makedirs(opt.out, exist_ok=True)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    train_loader, valid_loader = get_loaders(opt)
    net = SliceNet(classes=4).to(device)
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(net.parameters(), lr=opt.lr, momentum=opt.momentum, weight_decay=opt.wd)
    scheduler = optim.lr_scheduler.MultiStepLR(optimizer, milestones=opt.milestones, gamma=0.1)

    log, best = [], 0.0
    for epoch in range(opt.epochs):
        tl = train_epoch(net, train_loader, criterion, optimizer, device)
        vl, va = validate(net, valid_loader, criterion, device)
        scheduler.step()
        log.append({"epoch": epoch, "train": tl, "valid": vl, "acc": va})
        if va >= best:
            best = va
            torch.save(net.state_dict(), os.path.join(opt.out, "best.pt"))
        with open(os.path.join(opt.out, "log.json"), "w") as fh:
            json.dump({"options": vars(opt), "log": log}, fh)
    print(f"best validation accuracy {best:.4f}")


if __name__ == "__main__":
    main()
