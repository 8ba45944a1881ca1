from torch import nn


class SmallNet(nn.Module):
    def __init__(self, classes, widths=(48, 96, 192)):
        super().__init__()
        layers, c = [], 3
        for w in widths:
            for k in range(2):
                layers += [nn.Conv2d(c, w, 3, padding=1, bias=False), nn.BatchNorm2d(w), nn.ReLU(inplace=True)]
                c = w
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(c, classes))

    def forward(self, x):
        return self.classifier(self.features(x))
