"""Pickled batches in the CIFAR manner, smoothed labels. Functions only."""
import os
import pickle
import sys

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SET = {"dir": "batches", "epochs": 60, "bs": 64, "lr": 0.04, "mom": 0.9, "wd": 5e-4, "smooth": 0.1}
for word in sys.argv[1:]:
    k, v = word.split("=")
    SET[k] = type(SET[k])(v)


def unpickle(name):
    with open(os.path.join(SET["dir"], name), "rb") as f:
        return pickle.load(f)


def arrays(numbers):
    parts = [unpickle("data_batch_%d" % n) for n in numbers]
    x = np.concatenate([p["data"] for p in parts]).reshape(-1, 3, 32, 32).astype(np.float32) / 255.0
    y = np.concatenate([p["labels"] for p in parts])
    return torch.from_numpy(x), torch.from_numpy(y)


def conv(i, o):
    return nn.Sequential(nn.Conv2d(i, o, 3, padding=1, bias=False), nn.GroupNorm(8, o), nn.ReLU())


def make(classes):
    return nn.Sequential(
        conv(3, 32), conv(32, 32), nn.MaxPool2d(2),
        conv(32, 64), nn.MaxPool2d(2),
        conv(64, 128), nn.AdaptiveMaxPool2d(2), nn.Flatten(),
        nn.Dropout(0.3), nn.Linear(512, classes))


def smoothed(y, classes, eps):
    soft = torch.full((len(y), classes), eps / (classes - 1))
    return soft.scatter_(1, y[:, None], 1.0 - eps)


def divergence(logits, soft):
    # differs from the cross entropy by the (constant) entropy of the soft labels
    return F.kl_div(F.log_softmax(logits, dim=1), soft, reduction="mean")


def augment(x):
    n = len(x)
    flip = torch.rand(n, 1, 1, 1) < 0.5
    x = torch.where(flip, x.flip(3), x)
    dy, dx = np.random.randint(0, 5, 2)
    return F.pad(x, (2, 2, 2, 2), mode="replicate")[:, :, dy:dy + 32, dx:dx + 32]


def set_rate(opt, done):
    for g in opt.param_groups:
        g["lr"] = SET["lr"] * (1.0 if done < 0.6 else 0.2 if done < 0.85 else 0.04)


def accuracy(net, x, y):
    net.eval()
    with torch.no_grad():
        return (torch.cat([net(b) for b in x.split(100)]).argmax(1) == y).float().mean().item()


def main():
    torch.manual_seed(0)
    np.random.seed(0)
    names = unpickle("meta")["label_names"]
    x, y = arrays([1, 2, 3, 4])
    vx, vy = arrays([5])
    mean, std = x.mean((0, 2, 3), keepdim=True), x.std((0, 2, 3), keepdim=True)
    x, vx = (x - mean) / std, (vx - mean) / std
    net = make(len(names))
    opt = torch.optim.SGD(net.parameters(), SET["lr"], momentum=SET["mom"], weight_decay=SET["wd"])
    for epoch in range(SET["epochs"]):
        set_rate(opt, epoch / SET["epochs"])
        net.train()
        losses = []
        for rows in torch.randperm(len(x)).split(SET["bs"]):
            loss = divergence(net(augment(x[rows])), smoothed(y[rows], len(names), SET["smooth"]))
            opt.zero_grad()
            loss.backward()
            opt.step()
            losses.append(loss.item())
        print("epoch", epoch, "kl %.4f" % np.mean(losses), "val %.4f" % accuracy(net, vx, vy), flush=True)


main()
