# Faulty: N209, C327: the validation images go through the random training transform; the optimizer steps again after scaler.step
import torch.nn as nn
from torchvision.models import ResNet18_Weights, resnet18


class CrackNet(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        net = resnet18(weights=ResNet18_Weights.IMAGENET1K_V1)
        self.features = nn.Sequential(*list(net.children())[:-1])
        self.fc = nn.Linear(net.fc.in_features, num_classes)

    def forward(self, x):
        return self.fc(self.features(x).flatten(1))
