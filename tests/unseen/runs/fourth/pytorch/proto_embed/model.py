import torch
import torch.nn as nn
import torch.nn.functional as F


def conv(cin, cout, stride=1):
    return nn.Sequential(nn.Conv2d(cin, cout, 3, stride, 1, bias=False), nn.GroupNorm(8, cout), nn.GELU())


class Encoder(nn.Module):
    def __init__(self, width=48, dim=128):
        super().__init__()
        self.net = nn.Sequential(
            conv(3, width), conv(width, width, 2),
            conv(width, width * 2), conv(width * 2, width * 2, 2),
            conv(width * 2, width * 4), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        )
        self.project = nn.Linear(width * 4, dim)

    def forward(self, x):
        return self.project(self.net(x))


class ProtoNet(nn.Module):
    """Encoder and linear classifier; running class centres are kept for retrieval and for monitoring."""

    def __init__(self, num_classes, dim=128, momentum=0.95, dropout=0.1):
        super().__init__()
        self.encoder = Encoder(dim=dim)
        self.norm = nn.LayerNorm(dim)
        self.drop = nn.Dropout(dropout)
        self.classifier = nn.Linear(dim, num_classes)
        self.momentum = momentum
        self.register_buffer("centres", torch.zeros(num_classes, dim))
        self.register_buffer("counts", torch.zeros(num_classes))

    def update_centres(self, z, target):
        z = z.detach()
        for c in target.unique():
            mean = F.normalize(z[target == c], dim=1).mean(0)
            m = self.momentum if self.counts[c] > 0 else 0.0
            self.centres[c].mul_(m).add_(mean, alpha=1 - m)
            self.counts[c] += 1
        return z

    def forward(self, x, target=None):
        z = self.encoder(x)
        if target is not None:
            z = self.update_centres(z, target)
        logits = self.classifier(self.drop(self.norm(z)))
        return logits, z

    @torch.no_grad()
    def nearest_centre(self, z):
        return (F.normalize(z, dim=1) @ F.normalize(self.centres, dim=1).t()).argmax(1)
