import torch.nn as nn
import torch.nn.functional as F


class PreBlock(nn.Module):
    def __init__(self, c_in, c_out, stride, p_drop):
        super().__init__()
        self.n1 = nn.BatchNorm2d(c_in)
        self.c1 = nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False)
        self.n2 = nn.BatchNorm2d(c_out)
        self.dp = nn.Dropout(p_drop)
        self.c2 = nn.Conv2d(c_out, c_out, 3, 1, 1, bias=False)
        self.skip = None
        if stride != 1 or c_in != c_out:
            self.skip = nn.Conv2d(c_in, c_out, 1, stride, bias=False)

    def forward(self, x):
        a = F.relu(self.n1(x))
        shortcut = x if self.skip is None else self.skip(a)
        a = self.c1(a)
        a = self.c2(self.dp(F.relu(self.n2(a))))
        return a + shortcut


class WideNet(nn.Module):
    def __init__(self, depth=16, k=4, classes=100, p_drop=0.1):
        super().__init__()
        assert (depth - 4) % 6 == 0
        per = (depth - 4) // 6
        chans = [16, 16 * k, 32 * k, 64 * k]
        self.stem = nn.Conv2d(3, chans[0], 3, 1, 1, bias=False)
        layers = []
        for g in range(3):
            for b in range(per):
                layers.append(PreBlock(chans[g] if b == 0 else chans[g + 1], chans[g + 1],
                                       2 if (b == 0 and g > 0) else 1, p_drop))
        self.groups = nn.Sequential(*layers)
        self.norm = nn.BatchNorm2d(chans[3])
        self.fc = nn.Linear(chans[3], classes)
        for mod in self.modules():
            if isinstance(mod, nn.Conv2d):
                nn.init.kaiming_normal_(mod.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x):
        x = F.relu(self.norm(self.groups(self.stem(x))))
        return self.fc(x.mean(dim=(2, 3)))
