import torch.nn as nn
import torch.nn.functional as F


class Residual(nn.Module):
    def __init__(self, cin, cout, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(cout)
        self.conv2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(cout)
        self.skip = nn.Identity()
        if stride != 1 or cin != cout:
            self.skip = nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        return F.relu(out + self.skip(x))


class Encoder(nn.Module):
    """3x96x96 -> 512"""

    out_dim = 512

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU())
        self.stages = nn.Sequential(
            Residual(64, 64, 2), Residual(64, 64, 1),
            Residual(64, 128, 2), Residual(128, 128, 1),
            Residual(128, 256, 2), Residual(256, 256, 1),
            Residual(256, 512, 2), Residual(512, 512, 1),
        )

    def forward(self, x):
        x = self.stages(self.stem(x))
        return F.adaptive_avg_pool2d(x, 1).flatten(1)


class Classifier(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.encoder = Encoder()
        self.head = nn.Linear(Encoder.out_dim, num_classes)

    def forward(self, x):
        return self.head(self.encoder(x))
