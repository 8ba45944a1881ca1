#!/usr/bin/env python3
# Fully convolutional: each place of the picture votes.
from __future__ import print_function
import argparse
import gzip
import os
import struct

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.utils.data import DataLoader, TensorDataset


def read_idx(name):
    with gzip.open(name, 'rb') as f:
        ndim = struct.unpack('>HBB', f.read(4))[2]
        shape = struct.unpack('>' + 'I' * ndim, f.read(4 * ndim))
        return np.frombuffer(f.read(), dtype=np.uint8).reshape(shape).copy()


def load(root, part):
    x = torch.from_numpy(read_idx(os.path.join(root, part + '-images.gz'))).unsqueeze(1).float().div(255)
    y = torch.from_numpy(read_idx(os.path.join(root, part + '-labels.gz'))).long()
    return TensorDataset(x, y.view(-1, 1, 1))


class Votes(nn.Module):
    def __init__(self):
        super(Votes, self).__init__()
        self.norm = nn.BatchNorm2d(1, affine=False)      # instead of a mean and a deviation by hand
        self.conv1 = nn.Conv2d(1, 32, 5, stride=2, padding=2)
        self.bn1 = nn.BatchNorm2d(32)
        self.conv2 = nn.Conv2d(32, 64, 5, stride=2, padding=2)
        self.bn2 = nn.BatchNorm2d(64)
        self.conv3 = nn.Conv2d(64, 64, 7, padding=3)
        self.drop = nn.Dropout2d(0.1)
        self.vote = nn.Conv2d(64, 10, 1)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(self.norm(x))))
        x = F.relu(self.bn2(self.conv2(x)))
        x = self.drop(F.relu(self.conv3(x)))
        return F.log_softmax(self.vote(x), dim=1)        # N x 10 x 7 x 7


def train(args, model, loader, optimizer, epoch):
    model.train()
    for i, (data, target) in enumerate(loader):
        optimizer.zero_grad()
        output = model(data)
        loss = F.nll_loss(output, target.expand(-1, output.size(2), output.size(3)))
        loss.backward()
        optimizer.step()
        if i % args.log_interval == 0:
            print('Train epoch {} [{}/{}] loss {:.4f}'.format(epoch, i * len(data), len(loader.dataset), loss.item()))


def test(model, loader):
    model.eval()
    loss, correct = 0, 0
    with torch.no_grad():
        for data, target in loader:
            poll = model(data).mean((2, 3))              # the mean log-probability of the places
            target = target.view(-1)
            loss += F.nll_loss(F.log_softmax(poll, 1), target, reduction='sum').item()
            correct += poll.argmax(1).eq(target).sum().item()
    n = len(loader.dataset)
    print('Test: loss {:.4f}, accuracy {}/{} ({:.1f}%)'.format(loss / n, correct, n, 100. * correct / n), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--root', default='idx')
    parser.add_argument('--epochs', type=int, default=40)
    parser.add_argument('--batch-size', type=int, default=64)
    parser.add_argument('--lr', type=float, default=1.0)
    parser.add_argument('--gamma', type=float, default=0.93)
    parser.add_argument('--log-interval', type=int, default=12)
    args = parser.parse_args()
    torch.manual_seed(1)
    train_loader = DataLoader(load(args.root, 'train'), batch_size=args.batch_size, shuffle=True)
    test_loader = DataLoader(load(args.root, 't10k'), batch_size=250)
    model = Votes()
    optimizer = optim.Adadelta(model.parameters(), lr=args.lr)
    scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=args.gamma)
    for epoch in range(1, args.epochs + 1):
        train(args, model, train_loader, optimizer, epoch)
        test(model, test_loader)
        scheduler.step()


if __name__ == '__main__':
    main()
