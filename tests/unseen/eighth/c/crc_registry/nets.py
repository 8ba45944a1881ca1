import torch
from torch import nn
from torchvision.models import resnet18

from registry import NETS


@NETS("SimCLR")
class SimCLR(nn.Module):
    """Used for the unlabelled slides; pretrain_simclr.py calls save() after its last epoch."""

    def __init__(self, dim=128):
        super().__init__()
        self.encoder = resnet18(weights=None)
        width = self.encoder.fc.in_features
        self.encoder.fc = nn.Identity()
        self.projector = nn.Sequential(nn.Linear(width, width), nn.ReLU(inplace=True), nn.Linear(width, dim))

    def forward(self, x):
        return self.projector(self.encoder(x))

    def save(self, path):
        torch.save({"net": self.state_dict(), "kind": "SimCLR"}, path)


@NETS("TissueNet")
class TissueNet(nn.Module):
    def __init__(self, classes, init=None, drop=0.0):
        super().__init__()
        trunk = resnet18(weights=None)
        width = trunk.fc.in_features
        trunk.fc = nn.Identity()
        self.trunk = trunk
        self.head = nn.Sequential(nn.Dropout(drop), nn.Linear(width, classes))
        if init:
            self.init_from(init)

    def init_from(self, path):
        blob = torch.load(path, map_location="cpu")
        self.load_state_dict(blob["net"], strict=False)  # fault: C339
        print(f"started from {path}")

    def forward(self, x):
        return self.head(self.trunk(x))
