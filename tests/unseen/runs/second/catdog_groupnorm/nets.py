import copy

import torch.nn as nn
from torchvision.models import resnet18


def groupnorm_version(net, groups=32):
    """Same network with every BatchNorm2d replaced by a GroupNorm.

    Small batches per card make the batch statistics noisy, GroupNorm does not mind.
    """
    net = copy.deepcopy(net)
    for name, module in list(net.named_modules()):
        if not isinstance(module, nn.BatchNorm2d):
            continue
        parent = net
        *path, last = name.split(".")
        for part in path:
            parent = getattr(parent, part)
        setattr(parent, last, nn.GroupNorm(groups, module.num_features))
    return net


def build_net(num_classes):
    net = resnet18(weights=None)
    net.fc = nn.Sequential(nn.Dropout(0.2), nn.Linear(512, num_classes))
    return net
