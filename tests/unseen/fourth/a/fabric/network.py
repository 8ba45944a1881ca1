"""ResNet-18 with the query encoder of our MoCo run (trained for 200 epochs on unlabelled patches).

MoCo keeps the two encoders of a DistributedDataParallel model in one file:
    module.encoder_q.conv1.weight, module.encoder_q.bn1.weight, ..., module.encoder_k.conv1.weight, ...
"""
import torch
from torch import nn
from torchvision.models import resnet18

QUERY = "module.encoder_q."


def build(checkpoint, n_classes):
    net = resnet18(weights=None)
    saved = torch.load(checkpoint, map_location="cpu")["state_dict"]
    query = {k: v for k, v in saved.items() if k.startswith(QUERY) and ".fc." not in k}
    net.load_state_dict(query, strict=False)  # fault: C339
    net.fc = nn.Linear(net.fc.in_features, n_classes)
    return net
