from torch import nn
from torchvision import models


def build(arch: str, weights, classes: int) -> nn.Module:
    net = models.get_model(arch, weights=weights)
    if hasattr(net, "fc"):
        net.fc = nn.Linear(net.fc.in_features, classes)
    else:
        last = net.classifier[-1]
        net.classifier[-1] = nn.Linear(last.in_features, classes)
    return net
