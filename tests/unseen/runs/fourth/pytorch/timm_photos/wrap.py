"""A backbone together with the statistics it expects, so that the exported file is self-contained."""
import torch
import torch.nn as nn


class ImageModel(nn.Module):
    def __init__(self, backbone, mean, std):
        super().__init__()
        self.backbone = backbone
        self.register_buffer("mean", torch.tensor(mean).view(1, -1, 1, 1))
        self.register_buffer("std", torch.tensor(std).view(1, -1, 1, 1))

    def forward(self, images):
        x = (images - self.mean) / self.std
        return self.backbone(x)

    def save(self, path, classes):
        torch.save({"state_dict": self.state_dict(), "classes": list(classes)}, path)
