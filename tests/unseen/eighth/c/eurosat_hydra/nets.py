from torch import nn
from torchvision import models


def finetune(arch: str, weights: str, classes: int) -> nn.Module:
    net = models.get_model(arch, weights=weights)
    if hasattr(net, "fc"):
        net.fc = nn.Linear(net.fc.in_features, classes)
    else:
        net.classifier[-1] = nn.Linear(net.classifier[-1].in_features, classes)
    return net
