import torch
from torch import nn
from torchvision.models.resnet import BasicBlock, ResNet


def teacher_net(classes):
    return ResNet(BasicBlock, [1, 1, 1, 1], num_classes=classes)


class Fire(nn.Module):
    """Squeeze, then expand with 1x1 and 3x3 filters."""

    def __init__(self, cin, squeeze, expand):
        super().__init__()
        self.squeeze = nn.Sequential(nn.Conv2d(cin, squeeze, 1, bias=False), nn.BatchNorm2d(squeeze), nn.ReLU(inplace=True))
        self.one = nn.Conv2d(squeeze, expand, 1, bias=False)
        self.three = nn.Conv2d(squeeze, expand, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(2 * expand)

    def forward(self, x):
        x = self.squeeze(x)
        return torch.relu(self.norm(torch.cat([self.one(x), self.three(x)], 1)))


class Student(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 32, 3, padding=1, bias=False), nn.BatchNorm2d(32), nn.ReLU(inplace=True),
            nn.MaxPool2d(2), Fire(32, 16, 32), Fire(64, 16, 32),
            nn.MaxPool2d(2), Fire(64, 24, 48), Fire(96, 32, 64),
            nn.MaxPool2d(2), Fire(128, 32, 96),
        )
        self.classifier = nn.Linear(192, classes)

    def forward(self, x):
        x = self.features(x)
        return self.classifier(x.mean(dim=(2, 3)))
