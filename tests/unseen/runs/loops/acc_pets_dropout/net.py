import torch
from torch import nn


class VGGish(nn.Module):
    def __init__(self, classes, width=32, dropout=0.4):
        super().__init__()
        def stage(i, o):
            return [nn.Conv2d(i, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU(True),
                    nn.Conv2d(o, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU(True), nn.MaxPool2d(2)]
        w = width
        self.features = nn.Sequential(*stage(3, w), *stage(w, 2 * w), *stage(2 * w, 4 * w), *stage(4 * w, 8 * w))
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(nn.Dropout(dropout), nn.Linear(8 * w, 128), nn.ReLU(True), nn.Dropout(dropout),
                                        nn.Linear(128, classes))

    def forward(self, x):
        return self.classifier(torch.flatten(self.pool(self.features(x)), 1))
