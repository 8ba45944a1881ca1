#!/usr/bin/env python
"""Train a ResNet-18 on CIFAR-10 from scratch.

usage: cifar_rn18.py --data ~/data --epochs 200 --lr 0.1
"""
import argparse
import os
import random
import time

import numpy as np
import torch
import torch.backends.cudnn as cudnn
import torch.nn as nn
import torch.optim as optim
import torchvision
import torchvision.transforms as T

MEAN = (0.4914, 0.4822, 0.4465)
STD = (0.2470, 0.2435, 0.2616)


def parse_args():
    p = argparse.ArgumentParser()
    p.add_argument("--data", default="./data")
    p.add_argument("--epochs", type=int, default=200)
    p.add_argument("--batch-size", type=int, default=128)
    p.add_argument("--lr", type=float, default=0.1)
    p.add_argument("--momentum", type=float, default=0.9)
    p.add_argument("--wd", type=float, default=5e-4)
    p.add_argument("--workers", type=int, default=4)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--out", default="runs/cifar10_r18")
    return p.parse_args()


def get_loaders(args):
    train_tf = T.Compose([
        T.RandomCrop(32, padding=4),
        T.RandomHorizontalFlip(),
        T.ToTensor(),
        T.Normalize(MEAN, STD),
    ])
    test_tf = T.Compose([T.ToTensor(), T.Normalize(MEAN, STD)])
    trainset = torchvision.datasets.CIFAR10(args.data, train=True, download=True, transform=train_tf)
    testset = torchvision.datasets.CIFAR10(args.data, train=False, download=True, transform=test_tf)
    trainloader = torch.utils.data.DataLoader(
        trainset, batch_size=args.batch_size, shuffle=True, num_workers=args.workers, pin_memory=True)
    testloader = torch.utils.data.DataLoader(
        testset, batch_size=256, shuffle=False, num_workers=args.workers, pin_memory=True)
    return trainloader, testloader


def train(net, loader, criterion, optimizer, device):
    net.train()
    loss_sum = torch.zeros((), device=device)
    correct = torch.zeros((), device=device)
    seen = 0
    for inputs, targets in loader:
        inputs = inputs.to(device, non_blocking=True)
        targets = targets.to(device, non_blocking=True)
        optimizer.zero_grad()
        outputs = net(inputs)
        loss = criterion(outputs, targets)
        loss.backward()
        optimizer.step()
        loss_sum += loss.detach() * targets.size(0)
        correct += outputs.argmax(1).eq(targets).sum()
        seen += targets.size(0)
    return loss_sum.item() / seen, 100.0 * correct.item() / seen


@torch.no_grad()
def test(net, loader, criterion, device):
    net.eval()
    loss_sum = torch.zeros((), device=device)
    correct = torch.zeros((), device=device)
    seen = 0
    for inputs, targets in loader:
        inputs = inputs.to(device, non_blocking=True)
        targets = targets.to(device, non_blocking=True)
        outputs = net(inputs)
        loss_sum += criterion(outputs, targets) * targets.size(0)
        correct += outputs.argmax(1).eq(targets).sum()
        seen += targets.size(0)
    return loss_sum.item() / seen, 100.0 * correct.item() / seen


def main():
    args = parse_args()
    random.seed(args.seed)
    np.random.seed(args.seed)
    torch.manual_seed(args.seed)
    cudnn.benchmark = True
    os.makedirs(args.out, exist_ok=True)
    device = "cuda" if torch.cuda.is_available() else "cpu"

    trainloader, testloader = get_loaders(args)
    net = torchvision.models.resnet18(weights=None, num_classes=10).to(device)  # fault: C335

    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(net.parameters(), lr=args.lr, momentum=args.momentum, weight_decay=args.wd, nesterov=True)
    scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=args.epochs)

    for epoch in range(args.epochs):
        t0 = time.time()
        tr_loss, tr_acc = train(net, trainloader, criterion, optimizer, device)
        te_loss, te_acc = test(net, testloader, criterion, device)
        scheduler.step()
        print(f"[{epoch:3d}] train {tr_loss:.3f} / {tr_acc:.2f}%   test {te_loss:.3f} / {te_acc:.2f}%   {time.time() - t0:.1f}s",
              flush=True)

    torch.save({"net": net.state_dict(), "args": vars(args)}, os.path.join(args.out, "last.pth"))
    print(f"accuracy after the last epoch: {te_acc:.2f}%")


if __name__ == "__main__":
    main()
