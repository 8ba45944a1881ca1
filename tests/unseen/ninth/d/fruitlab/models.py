import torch
import torch.nn as nn
import torchvision

from registry import MODELS


def conv_bn(cin, cout, stride=1):
    return nn.Sequential(
        nn.Conv2d(cin, cout, 3, stride, 1, bias=False),
        nn.BatchNorm2d(cout),
        nn.ReLU(inplace=True),
    )


class Residual(nn.Module):
    def __init__(self, ch):
        super().__init__()
        self.a = conv_bn(ch, ch)
        self.b = nn.Sequential(nn.Conv2d(ch, ch, 3, 1, 1, bias=False), nn.BatchNorm2d(ch))

    def forward(self, x):
        return torch.relu(x + self.b(self.a(x)))


@MODELS.register()
class FruitNet(nn.Module):
    """kleines Residualnetz für 100x100 Bilder"""

    def __init__(self, num_classes, width=48, dropout=0.2):
        super().__init__()
        w = width
        self.body = nn.Sequential(
            conv_bn(3, w), nn.MaxPool2d(2),
            conv_bn(w, 2 * w), Residual(2 * w), nn.MaxPool2d(2),
            conv_bn(2 * w, 4 * w), Residual(4 * w), nn.MaxPool2d(2),
            conv_bn(4 * w, 8 * w), Residual(8 * w),
            nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        )
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(8 * w, num_classes))

    def forward(self, x):
        return self.head(self.body(x))


@MODELS.register('mobilenet')
def mobilenet(num_classes):
    return torchvision.models.mobilenet_v3_small(weights=None, num_classes=num_classes)
