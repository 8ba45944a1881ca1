import copy
import glob
import os
import sys

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from teacher import Teacher

DIR, WEIGHTS = "perclass", "weights/resmini_c10.pt"
EPOCHS = int(dict(a.split("=") for a in sys.argv[1:]).get("epochs", 60))
BATCH, RATE, HEAT, SHARE = 40, 2e-3, 3.0, 0.7


class Student(nn.Module):
    def __init__(self, classes, w=16):
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(3, w, 5, 2, 2, bias=False), nn.BatchNorm2d(w), nn.Hardswish(),
            nn.Conv2d(w, 3 * w, 3, 2, 1, bias=False), nn.BatchNorm2d(3 * w), nn.Hardswish(),
            nn.Conv2d(3 * w, 6 * w, 3, 2, 1, bias=False), nn.BatchNorm2d(6 * w), nn.Hardswish())
        self.out = nn.Linear(6 * w, classes)

    def forward(self, x):
        return self.out(self.conv(x).mean((-1, -2)))


class Average:
    """running mean of the weights; of the statistics of the normalisation as well"""

    def __init__(self, net, keep=0.99):
        self.net, self.keep, self.n = copy.deepcopy(net).eval().requires_grad_(False), keep, 0

    def update(self, net):
        self.n += 1
        keep = min(self.keep, self.n / (self.n + 9))
        mine = self.net.state_dict()
        for k, v in net.state_dict().items():
            if v.dtype.is_floating_point:
                mine[k].mul_(keep).add_(v.detach(), alpha=1 - keep)
            else:
                mine[k].copy_(v)


def read():
    files = sorted(glob.glob(os.path.join(DIR, "*.npy")))
    names = [os.path.splitext(os.path.basename(f))[0] for f in files]
    data = [np.load(f) for f in files]
    def part(s):
        x = np.concatenate([d[s] for d in data]).transpose(0, 3, 1, 2)
        y = np.concatenate([np.full(len(d[s]), k) for k, d in enumerate(data)])
        return (torch.from_numpy(x).float() / 255 - 0.5) / 0.25, torch.from_numpy(y)
    return names, part(slice(0, 150)), part(slice(150, None))


def main():
    torch.manual_seed(4)
    names, (x, y), (vx, vy) = read()
    saved = torch.load(WEIGHTS, map_location="cpu", weights_only=True)
    teacher = Teacher(len(saved["classes"])).eval().requires_grad_(False)
    teacher.load_state_dict(saved["model"])
    columns = [saved["classes"].index(n) for n in names]       # the teacher knows more classes than there are here
    student = Student(len(names))
    average = Average(student)
    opt = torch.optim.Adam(student.parameters(), lr=RATE)
    sched = torch.optim.lr_scheduler.MultiStepLR(opt, [int(EPOCHS * 0.6), int(EPOCHS * 0.85)], gamma=0.2)
    for epoch in range(EPOCHS):
        student.train()
        total = 0.0
        order = torch.randperm(len(x))
        for rows in order[:len(x) // BATCH * BATCH].view(-1, BATCH):
            xb, yb = x[rows], y[rows]
            if torch.rand(()) < 0.5:
                xb = xb.flip(-1)
            with torch.no_grad():
                soft = F.softmax(teacher(xb)[:, columns] / HEAT, 1)
            z = student(xb)
            near = F.kl_div(F.log_softmax(z / HEAT, 1), soft, reduction="batchmean") * HEAT ** 2
            loss = SHARE * near + (1 - SHARE) * F.cross_entropy(z, yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
            average.update(student)
            total += loss.item()
        sched.step()
        with torch.no_grad():
            good = (average.net(vx).argmax(1) == vy).float().mean().item()
        print("%3d  loss %.3f  averaged student %.3f" % (epoch, total / (len(x) // BATCH), good), flush=True)


if __name__ == "__main__":
    main()
