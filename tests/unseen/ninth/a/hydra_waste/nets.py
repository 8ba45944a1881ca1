import torch.nn as nn
from torchvision import models


def mobilenet(num_classes, weights="IMAGENET1K_V1", dropout=0.2):
    net = models.mobilenet_v3_large(weights=weights, dropout=dropout)
    net.classifier[-1] = nn.Linear(net.classifier[-1].in_features, num_classes)
    return net


def densenet(num_classes, weights="IMAGENET1K_V1", dropout=0.0):
    net = models.densenet121(weights=weights, drop_rate=dropout)
    net.classifier = nn.Linear(net.classifier.in_features, num_classes)
    return net
