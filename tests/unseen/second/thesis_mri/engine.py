# Faulty: C328: see options.py; this module is sound.
import torch


class Meter:
    def __init__(self):
        self.total, self.n = 0.0, 0

    def add(self, value, n):
        self.total += value * n
        self.n += n

    @property
    def mean(self):
        return self.total / max(self.n, 1)


def train_epoch(net, loader, criterion, optimizer, device):
    net.train()
    meter = Meter()
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        optimizer.zero_grad()
        loss = criterion(net(x), y)
        loss.backward()
        optimizer.step()
        meter.add(loss.item(), len(y))
    return meter.mean


@torch.no_grad()
def validate(net, loader, criterion, device):
    net.eval()
    loss, acc = Meter(), Meter()
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        out = net(x)
        loss.add(criterion(out, y).item(), len(y))
        acc.add((out.argmax(1) == y).float().mean().item(), len(y))
    return loss.mean, acc.mean
