import torch
from torch import nn


def block(cin, cout):
    return nn.Sequential(
        nn.Conv2d(cin, cout, 3, padding=1, bias=False), nn.BatchNorm2d(cout), nn.ReLU(inplace=True),
        nn.Conv2d(cout, cout, 3, padding=1, bias=False), nn.BatchNorm2d(cout), nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
    )


class NoduleNet(nn.Module):
    def __init__(self, width=32, p=0.3):
        super().__init__()
        self.body = nn.Sequential(block(1, width), block(width, 2 * width),
                                  block(2 * width, 4 * width), block(4 * width, 8 * width))
        self.drop = nn.Dropout(p)
        self.out = nn.Linear(8 * width, 1)

    def forward(self, x):
        x = self.body(x).mean(dim=(2, 3))
        return self.out(self.drop(x)).squeeze(1)
