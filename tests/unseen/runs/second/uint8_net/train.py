# objects.npz -> small wide resnet. Whole set lives on the device as bytes, no DataLoader.
import math
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

dev = torch.device("cuda" if torch.cuda.is_available() else "cpu")
torch.manual_seed(1)

EPOCHS, BS, BASE_LR, WD, MOM = 60, 128, 0.1, 5e-4, 0.9


class Block(nn.Module):
    def __init__(self, cin, cout, stride):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(cin)
        self.c1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(cout)
        self.c2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False)
        self.skip = nn.Conv2d(cin, cout, 1, stride, bias=False) if stride != 1 or cin != cout else None

    def forward(self, x):
        h = F.relu(self.bn1(x))
        s = x if self.skip is None else self.skip(h)
        h = self.c1(h)
        h = self.c2(F.relu(self.bn2(h)))
        return h + s


class ByteNet(nn.Module):
    """takes NHWC uint8 images as they come from the file"""

    def __init__(self, mean, std, n_out=10, w=32):
        super().__init__()
        self.register_buffer("mean", mean.view(1, 3, 1, 1))
        self.register_buffer("std", std.view(1, 3, 1, 1))
        self.stem = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.body = nn.Sequential(
            Block(16, w, 1), Block(w, w, 1),
            Block(w, 2 * w, 2), Block(2 * w, 2 * w, 1),
            Block(2 * w, 4 * w, 2), Block(4 * w, 4 * w, 1))
        self.bn = nn.BatchNorm2d(4 * w)
        self.fc = nn.Linear(4 * w, n_out)
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, mode="fan_out")

    def forward(self, x):
        x = x.permute(0, 3, 1, 2).float()
        x = (x - self.mean) / self.std
        x = self.body(self.stem(x))
        x = F.relu(self.bn(x)).mean((2, 3))
        return self.fc(x)


def jitter(x, pad=4):
    """random crop + flip, one draw per image, cheap on uint8"""
    n = x.shape[0]
    xp = F.pad(x.permute(0, 3, 1, 2).float(), [pad] * 4).to(torch.uint8).permute(0, 2, 3, 1)
    out = torch.empty_like(x)
    dy = torch.randint(0, 2 * pad + 1, (n,)).tolist()
    dx = torch.randint(0, 2 * pad + 1, (n,)).tolist()
    for i in range(n):
        out[i] = xp[i, dy[i]:dy[i] + 32, dx[i]:dx[i] + 32]
    flip = torch.rand(n) < 0.5
    out[flip] = out[flip].flip(2)
    return out


z = np.load("objects.npz")
xt, yt = torch.from_numpy(z["x_train"]).to(dev), torch.from_numpy(z["y_train"]).to(dev)
xv, yv = torch.from_numpy(z["x_val"]).to(dev), torch.from_numpy(z["y_val"]).to(dev)
mean = xt.float().mean((0, 1, 2))
std = xt.float().std((0, 1, 2))

net = ByteNet(mean, std).to(dev)
opt = torch.optim.SGD(net.parameters(), lr=BASE_LR, momentum=MOM, weight_decay=WD, nesterov=True)
steps = len(xt) // BS
total = EPOCHS * steps


def lr_at(it):
    warm = 5 * steps
    if it < warm:
        return BASE_LR * (it + 1) / warm
    return BASE_LR * 0.5 * (1 + math.cos(math.pi * (it - warm) / (total - warm)))


it = 0
for ep in range(EPOCHS):
    t0 = time.time()
    net.train()
    order = torch.randperm(len(xt), device=dev)
    acc_loss = 0.0
    for b in range(steps):
        idx = order[b * BS:(b + 1) * BS]
        for g in opt.param_groups:
            g["lr"] = lr_at(it)
        loss = F.cross_entropy(net(jitter(xt[idx])), yt[idx])
        net.zero_grad()
        loss.backward()
        opt.step()
        acc_loss += loss.detach()
        it += 1
    net.eval()
    with torch.no_grad():
        hit = sum((net(xv[i:i + 250]).argmax(1) == yv[i:i + 250]).sum().item() for i in range(0, len(xv), 250))
    print(f"{ep:3d} loss {acc_loss.item() / steps:.4f} val {hit / len(xv):.4f} lr {lr_at(it - 1):.4f} {time.time() - t0:.0f}s", flush=True)
torch.save(net.state_dict(), "bytenet.pt")
