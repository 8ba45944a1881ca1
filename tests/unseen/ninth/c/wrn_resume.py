"""Wide-ResNet on CIFAR-100.  The queue kills jobs after four hours, so the job looks
for its own state at the start and picks up the work where it was left."""
import argparse
import pathlib
import random

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, Subset
from torchvision import datasets, transforms as T


class Block(nn.Module):
    def __init__(self, cin, cout, stride, drop):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(cin)
        self.conv1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(cout)
        self.conv2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False)
        self.drop = drop
        self.short = None
        if stride != 1 or cin != cout:
            self.short = nn.Conv2d(cin, cout, 1, stride, bias=False)

    def forward(self, x):
        h = F.relu(self.bn1(x))
        skip = x if self.short is None else self.short(h)
        h = self.conv1(h)
        h = F.relu(self.bn2(h))
        h = F.dropout(h, self.drop, self.training)
        return self.conv2(h) + skip


class WideResNet(nn.Module):
    def __init__(self, depth=28, width=10, classes=100, drop=0.3):
        super().__init__()
        n = (depth - 4) // 6
        sizes = [16, 16 * width, 32 * width, 64 * width]
        self.stem = nn.Conv2d(3, sizes[0], 3, 1, 1, bias=False)
        groups = []
        for i in range(3):
            for j in range(n):
                cin = sizes[i] if j == 0 else sizes[i + 1]
                stride = 2 if (i > 0 and j == 0) else 1
                groups.append(Block(cin, sizes[i + 1], stride, drop))
        self.groups = nn.Sequential(*groups)
        self.bn = nn.BatchNorm2d(sizes[3])
        self.fc = nn.Linear(sizes[3], classes)
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x):
        x = self.groups(self.stem(x))
        x = F.relu(self.bn(x))
        return self.fc(F.adaptive_avg_pool2d(x, 1).flatten(1))


def get_data(root, batch):
    mean, std = (0.5071, 0.4865, 0.4409), (0.2673, 0.2564, 0.2762)
    plain = T.Compose([T.ToTensor(), T.Normalize(mean, std)])
    noisy = T.Compose([T.RandomCrop(32, padding=4, padding_mode="reflect"), T.RandomHorizontalFlip(), plain])
    # 45 000 for training, 5 000 to look at; the test part stays untouched until the end
    order = np.random.RandomState(2023).permutation(50_000)
    train = Subset(datasets.CIFAR100(root, True, noisy, download=True), order[:45_000].tolist())
    dev = Subset(datasets.CIFAR100(root, True, plain, download=True), order[45_000:].tolist())
    test = datasets.CIFAR100(root, False, plain, download=True)
    kw = {"num_workers": 4, "pin_memory": True}
    return (DataLoader(train, batch, shuffle=True, drop_last=True, **kw),
            DataLoader(dev, 500, **kw), DataLoader(test, 500, **kw))


@torch.no_grad()
def score(net, loader, dev):
    net.eval()
    ok = torch.zeros((), dtype=torch.long, device=dev)
    total = 0
    for x, y in loader:
        ok += (net(x.to(dev)).argmax(1) == y.to(dev)).sum()
        total += len(y)
    return ok.item() / total


def main():
    p = argparse.ArgumentParser(description=__doc__)
    for name, default in dict(epochs=200, batch=128, lr=0.1, wd=5e-4, seed=17).items():
        p.add_argument("--" + name, type=type(default), default=default)
    p.add_argument("--data", default="~/data")
    p.add_argument("--state", type=pathlib.Path, default="wrn_state.pt")
    a = p.parse_args()

    random.seed(a.seed), np.random.seed(a.seed), torch.manual_seed(a.seed)
    dev = torch.device("cuda")
    train, held, test = get_data(str(pathlib.Path(a.data).expanduser()), a.batch)
    net = WideResNet().to(dev)
    opt = torch.optim.SGD(net.parameters(), a.lr, momentum=0.9, nesterov=True, weight_decay=a.wd)
    sched = torch.optim.lr_scheduler.MultiStepLR(opt, [60, 120, 160], gamma=0.2)
    scaler = torch.cuda.amp.GradScaler()
    parts = {"net": net, "opt": opt, "sched": sched, "scaler": scaler}

    first = 0
    if a.state.exists():
        state = torch.load(a.state, map_location=dev)
        for key, part in parts.items():
            part.load_state_dict(state[key])
        first = state["done"]

    for epoch in range(first, a.epochs):
        net.train()
        for x, y in train:
            x, y = x.to(dev, non_blocking=True), y.to(dev, non_blocking=True)
            with torch.cuda.amp.autocast():
                loss = F.cross_entropy(net(x), y)
            opt.zero_grad()
            scaler.scale(loss).backward()
            scaler.step(opt)
            scaler.update()
        sched.step()
        state = {key: part.state_dict() for key, part in parts.items()}
        state["done"] = epoch + 1
        torch.save(state, a.state)
        print(f"{epoch + 1}/{a.epochs}  held-out {score(net, held, dev):.4f}", flush=True)

    print(f"test {score(net, test, dev):.4f}")


if __name__ == "__main__":
    main()
