import torch.nn as nn
from torchvision.models import ResNet18_Weights, resnet18


def make_net(n_out, p=0.2):
    m = resnet18(weights=ResNet18_Weights.IMAGENET1K_V1)
    m.fc = nn.Sequential(nn.Dropout(p), nn.Linear(m.fc.in_features, n_out))
    return m
