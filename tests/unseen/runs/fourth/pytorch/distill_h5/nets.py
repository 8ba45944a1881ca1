import torch.nn as nn
import torch.nn.functional as F


class ConvUnit(nn.Sequential):
    def __init__(self, i, o, stride=1, groups=1):
        super().__init__(nn.Conv2d(i, o, 3, stride, 1, groups=groups, bias=False), nn.BatchNorm2d(o), nn.ReLU(inplace=True))


class Teacher(nn.Module):
    def __init__(self, classes, width=32):
        super().__init__()
        self.body = nn.Sequential(
            ConvUnit(3, width, 2), ConvUnit(width, width), ConvUnit(width, 2 * width, 2),
            ConvUnit(2 * width, 2 * width), ConvUnit(2 * width, 4 * width, 2))
        self.head = nn.Linear(4 * width, classes)

    def forward(self, x):
        return self.head(self.body(x).mean((2, 3)))


class Student(nn.Module):
    """Depthwise separable, much smaller than the teacher."""

    def __init__(self, classes, width=32):
        super().__init__()
        self.stem = ConvUnit(3, width)
        stages = []
        for i, o, s in [(width, width * 2, 2), (width * 2, width * 2, 1), (width * 2, width * 3, 2), (width * 3, width * 3, 1)]:
            stages += [ConvUnit(i, i, s, groups=i), nn.Conv2d(i, o, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU(inplace=True)]
        self.stages = nn.Sequential(*stages)
        self.head = nn.Linear(width * 3, classes)

    def forward(self, x):
        x = self.stages(self.stem(x))
        return self.head(F.adaptive_avg_pool2d(x, 1).flatten(1))
