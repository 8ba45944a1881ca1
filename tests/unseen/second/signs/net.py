from torch import nn


def conv_unit(i, o, stride=1):
    return nn.Sequential(
        nn.Conv2d(i, o, 3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(o),
        nn.ReLU(inplace=True),
    )


class Residual(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.body = nn.Sequential(conv_unit(c, c), conv_unit(c, c))

    def forward(self, x):
        return x + self.body(x)


class SignNet(nn.Module):
    def __init__(self, width, classes):
        super().__init__()
        w = width
        self.trunk = nn.Sequential(
            conv_unit(3, w),
            conv_unit(w, 2 * w, stride=2),
            Residual(2 * w),
            conv_unit(2 * w, 4 * w, stride=2),
            Residual(4 * w),
            conv_unit(4 * w, 8 * w, stride=2),
            Residual(8 * w),
            nn.AdaptiveAvgPool2d(1),
        )
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(8 * w, classes)

    def forward(self, x):
        z = self.trunk(x).flatten(1)
        return self.out(self.drop(z))
