import os

import torch


class AverageValue:
    """Mean over samples, kept on the device until it is asked for."""

    def __init__(self, device):
        self.total = torch.zeros((), device=device)
        self.count = 0

    def add(self, value, n):
        self.total += value * n
        self.count += n

    def value(self):
        return (self.total / max(self.count, 1)).item()


def count_correct(output, target):
    return (output.argmax(dim=1) == target).sum()


def save_atomically(state, path):
    part = path + ".part"
    torch.save(state, part)
    os.replace(part, path)
