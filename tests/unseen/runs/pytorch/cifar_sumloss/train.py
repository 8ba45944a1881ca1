"""CIFAR-10 in a quarter of an hour: small residual network, summed loss, piecewise linear learning rate.

The loss is the SUM over the batch, so the learning rate and the weight decay are given per picture:
lr = LR / BATCH, weight decay = WD * BATCH.
"""
import os
import pickle

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

BATCH = 128
EPOCHS = 30
PEAK_LR = 0.1
WD = 5e-4
ROOT = "cifar-10-batches-py"
device = "cuda" if torch.cuda.is_available() else "cpu"


def load(names):
    xs, ys = [], []
    for name in names:
        with open(os.path.join(ROOT, name), "rb") as f:
            d = pickle.load(f, encoding="bytes")
        xs.append(d[b"data"])
        ys.extend(d[b"labels"])
    return np.concatenate(xs).reshape(-1, 3, 32, 32), np.array(ys)


train_x, train_y = load([f"data_batch_{i}" for i in range(1, 6)])
test_x, test_y = load(["test_batch"])
mean = train_x.mean(axis=(0, 2, 3), keepdims=True)
std = train_x.std(axis=(0, 2, 3), keepdims=True)


def tensor(x):
    return torch.from_numpy(((x - mean) / std).astype(np.float32)).to(device)


train_x, test_x = tensor(train_x), tensor(test_x)
train_y, test_y = torch.from_numpy(train_y).long().to(device), torch.from_numpy(test_y).long().to(device)
padded = F.pad(train_x, (4, 4, 4, 4), mode="reflect")


def batches():
    """One epoch of shuffled, cropped, flipped batches."""
    order = torch.randperm(len(train_x), device=device)
    for i in range(0, len(order) - BATCH + 1, BATCH):
        idx = order[i:i + BATCH]
        oy = torch.randint(0, 9, (BATCH,)).tolist()
        ox = torch.randint(0, 9, (BATCH,)).tolist()
        x = torch.stack([padded[k, :, a:a + 32, b:b + 32] for k, a, b in zip(idx.tolist(), oy, ox)])
        flip = torch.rand(BATCH, device=device) < 0.5
        x[flip] = x[flip].flip(3)
        yield x, train_y[idx]


def conv_bn(i, o):
    return nn.Sequential(nn.Conv2d(i, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU())


class Residual(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.a, self.b = conv_bn(c, c), conv_bn(c, c)

    def forward(self, x):
        return x + self.b(self.a(x))


class Net(nn.Module):
    def __init__(self, c=32, scale=0.125):
        super().__init__()
        self.prep = conv_bn(3, c)
        self.layer1 = nn.Sequential(conv_bn(c, 2 * c), nn.MaxPool2d(2), Residual(2 * c))
        self.layer2 = nn.Sequential(conv_bn(2 * c, 4 * c), nn.MaxPool2d(2))
        self.layer3 = nn.Sequential(conv_bn(4 * c, 8 * c), nn.MaxPool2d(2), Residual(8 * c))
        self.linear = nn.Linear(8 * c, 10, bias=False)
        self.scale = scale

    def forward(self, x):
        x = self.layer3(self.layer2(self.layer1(self.prep(x))))
        x = F.adaptive_max_pool2d(x, 1).flatten(1)
        return self.linear(x) * self.scale


net = Net().to(device)
loss_fn = nn.CrossEntropyLoss(reduction="sum")
steps = len(train_x) // BATCH
opt = torch.optim.SGD(net.parameters(), lr=PEAK_LR / BATCH, momentum=0.9, weight_decay=WD * BATCH, nesterov=True)
knots_x, knots_y = [0, 5 * steps, EPOCHS * steps], [0.1, 1.0, 0.0]
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda i: float(np.interp(i, knots_x, knots_y)))

for epoch in range(EPOCHS):
    net.train()
    total = correct = seen = 0
    for x, y in batches():
        out = net(x)
        loss = loss_fn(out, y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        total += loss.item()
        correct += (out.argmax(1) == y).sum().item()
        seen += len(y)
    net.eval()
    with torch.no_grad():
        test = sum((net(test_x[i:i + 500]).argmax(1) == test_y[i:i + 500]).sum().item() for i in range(0, len(test_x), 500))
    print(f"epoch {epoch + 1:2d}  lr {opt.param_groups[0]['lr'] * BATCH:.4f}  loss {total / seen:.4f}  "
          f"train {correct / seen:.4f}  test {test / len(test_x):.4f}")
