"""Networks of one's own: a healthy one, and the same with one fault each."""

from __future__ import annotations

import torch
from torch import nn
from torchvision.models import resnet50


def healthy() -> nn.Module:
    return resnet50(num_classes=8)


class Changed(nn.Module):
    """ResNet50 with something done to its output."""

    def __init__(self) -> None:
        super().__init__()
        self.net = resnet50(num_classes=8)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.net(images)


class Probabilities(Changed):
    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.net(images).softmax(1)


class Blind(Changed):
    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.net(images * 0)


class Detached(Changed):
    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.net(images).detach() + 0 * sum(p.sum() for p in self.net.fc.parameters())


def loud_head() -> nn.Module:
    net = resnet50(num_classes=8)
    nn.init.normal_(net.fc.weight, std=1.0)
    return net


def without_norm() -> nn.Module:
    net = resnet50(num_classes=8)
    for module in list(net.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, nn.BatchNorm2d):
                setattr(module, name, nn.Identity())
    return net


def wrong_momentum() -> nn.Module:
    net = resnet50(num_classes=8)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = 0.99
    return net


def frozen() -> nn.Module:
    net = resnet50(num_classes=8)
    for name, parameter in net.named_parameters():
        parameter.requires_grad_(name.startswith("fc."))
    return net


def dead() -> nn.Module:
    net = resnet50(num_classes=8)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.constant_(module.bias, -4.0)
    return net
