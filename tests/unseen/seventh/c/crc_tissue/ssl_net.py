"""Network of the contrastive pre-training (see the separate cluster job) and its snapshot format."""
import timm
import torch
import torch.nn as nn
import torch.nn.functional as F


class ContrastiveNet(nn.Module):
    def __init__(self, arch="resnet34", dim=128):
        super().__init__()
        self.trunk = timm.create_model(arch, pretrained=False, num_classes=0)
        width = self.trunk.num_features
        self.projector = nn.Sequential(
            nn.Linear(width, width), nn.BatchNorm1d(width), nn.ReLU(inplace=True), nn.Linear(width, dim)
        )

    def forward(self, a, b):
        za = F.normalize(self.projector(self.trunk(a)), dim=1)
        zb = F.normalize(self.projector(self.trunk(b)), dim=1)
        return za, zb


def write_snapshot(path, net: ContrastiveNet, epoch: int):
    torch.save({"epoch": epoch, "net": net.state_dict()}, path)
