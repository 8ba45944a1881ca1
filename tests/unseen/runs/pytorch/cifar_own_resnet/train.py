'''Train a small residual network on the CIFAR-10 pickles.'''
import argparse
import os
import random

import numpy as np
import torch
import torch.nn as nn
import torch.optim as optim
from torch.utils.data import DataLoader

from cifar import CifarBatches
from resnet import resnet20, resnet32

ap = argparse.ArgumentParser(description='CIFAR-10 training')
ap.add_argument('--arch', default='resnet20', choices=['resnet20', 'resnet32'])
ap.add_argument('--data', default='cifar-10-batches-py')
ap.add_argument('--lr', default=0.1, type=float, help='learning rate')
ap.add_argument('--epochs', default=100, type=int)
ap.add_argument('--bs', default=128, type=int)
ap.add_argument('--wd', default=5e-4, type=float)
ap.add_argument('--seed', default=0, type=int)


def set_seed(s):
    random.seed(s)
    np.random.seed(s)
    torch.manual_seed(s)


def accuracy(net, loader, device):
    net.eval()
    good = total = 0
    with torch.no_grad():
        for images, targets in loader:
            images, targets = images.to(device), targets.to(device)
            good += net(images).argmax(1).eq(targets).sum().item()
            total += targets.numel()
    return 100. * good / total


def main():
    args = ap.parse_args()
    set_seed(args.seed)
    device = 'cuda' if torch.cuda.is_available() else 'cpu'

    print('==> Preparing data..')
    train_set = CifarBatches(args.data, train=True)
    test_set = CifarBatches(args.data, train=False)
    train_loader = DataLoader(train_set, args.bs, shuffle=True, num_workers=2, drop_last=True)
    test_loader = DataLoader(test_set, 100, shuffle=False, num_workers=2)

    print('==> Building model..')
    net = {'resnet20': resnet20, 'resnet32': resnet32}[args.arch](10).to(device)
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(net.parameters(), lr=args.lr, momentum=0.9, weight_decay=args.wd, nesterov=True)
    scheduler = optim.lr_scheduler.MultiStepLR(optimizer, [50, 75], gamma=0.1)

    best = 0
    for epoch in range(args.epochs):
        net.train()
        running, good, total = 0.0, 0, 0
        for images, targets in train_loader:
            images, targets = images.to(device), targets.to(device)
            optimizer.zero_grad()
            out = net(images)
            loss = criterion(out, targets)
            loss.backward()
            optimizer.step()
            running += loss.item() * targets.size(0)
            good += out.argmax(1).eq(targets).sum().item()
            total += targets.size(0)
        scheduler.step()
        acc = accuracy(net, test_loader, device)
        print('Epoch %3d | loss %.3f | train %.2f%% | test %.2f%% | lr %g' % (
            epoch, running / total, 100. * good / total, acc, optimizer.param_groups[0]['lr']))
        if acc > best:
            best = acc
            os.makedirs('checkpoint', exist_ok=True)
            torch.save({'net': net.state_dict(), 'acc': acc, 'epoch': epoch}, 'checkpoint/own_resnet.pth')
    print('best', best)


if __name__ == '__main__':
    main()
