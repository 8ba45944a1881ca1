# tar of NNNNN.jpg / NNNNN.cls pairs -> small pre-activation net, plain functions
import io
import sys
import tarfile

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.utils import set_seed
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

SEED = 505
accelerator = Accelerator(cpu=True)


def read_tar(path):
    images, labels = {}, {}
    with tarfile.open(path) as t:
        for m in t:
            key, ext = m.name.split(".")
            raw = t.extractfile(m).read()
            if ext == "jpg":
                images[key] = np.array(Image.open(io.BytesIO(raw)).convert("RGB"))
            else:
                labels[key] = raw.decode()
    keys = sorted(images)
    names = sorted(set(labels.values()))
    x = torch.from_numpy(np.stack([images[k] for k in keys])).permute(0, 3, 1, 2).contiguous()
    return x, torch.tensor([names.index(labels[k]) for k in keys]), names


def pre(i, o, s):
    return nn.Sequential(nn.BatchNorm2d(i), nn.ReLU(), nn.Conv2d(i, o, 3, s, 1, bias=False))


def network(n):
    return nn.Sequential(nn.Conv2d(3, 32, 3, 1, 1, bias=False), pre(32, 64, 2), pre(64, 64, 1), pre(64, 128, 2), pre(128, 128, 1),
                         nn.BatchNorm2d(128), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.1), nn.Linear(128, n))


def scale(x):
    return x.float() / 127.5 - 1


def augment(x):
    """Every picture its own flip, shift, brightness and blanked square."""
    n, _, h, w = x.shape
    flip = torch.rand(n) < 0.5
    x = torch.where(flip[:, None, None, None], x.flip(-1), x)
    padded = nn.functional.pad(x, (4, 4, 4, 4), mode="reflect")
    oy, ox = torch.randint(0, 9, (n,)), torch.randint(0, 9, (n,))
    x = torch.stack([p[:, a:a + h, b:b + w] for p, a, b in zip(padded, oy.tolist(), ox.tolist())])
    x = x + 0.2 * torch.randn(n, 1, 1, 1)
    for k, (a, b) in enumerate(torch.randint(0, h - 8, (n, 2)).tolist()):
        x[k, :, a:a + 8, b:b + 8] = 0
    return x


def evaluate(model, loader, loss_fn):
    set_seed(SEED)          # same result whenever it is called
    model.eval()
    hits, loss = [], []
    with torch.no_grad():
        for x, y in loader:
            z = model(scale(x))
            z, y = accelerator.gather_for_metrics((z, y))
            hits.append(z.argmax(1) == y)
            loss.append(loss_fn(z, y) * len(y))
    hits = torch.cat(hits)
    return sum(loss).item() / len(hits), hits.float().mean().item()


def train_epoch(model, loader, optimizer, scheduler, loss_fn):
    model.train()
    mean = 0.0
    for x, y in loader:
        loss = loss_fn(model(augment(scale(x))), y)
        optimizer.zero_grad()
        accelerator.backward(loss)
        optimizer.step()
        scheduler.step()
        mean += loss.item() / len(loader)
    return mean


def run(epochs):
    set_seed(SEED)
    x, y, names = read_tar("pairs.tar")
    cut = len(x) * 4 // 5                       # the archive is in random order
    train = DataLoader(TensorDataset(x[:cut], y[:cut]), 48, shuffle=True, drop_last=True)
    val = DataLoader(TensorDataset(x[cut:], y[cut:]), 114)
    model = network(len(names))
    optimizer = torch.optim.SGD(model.parameters(), 0.05, momentum=0.9, weight_decay=1e-3)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.05, total_steps=epochs * len(train))
    model, optimizer, train, val, scheduler = accelerator.prepare(model, optimizer, train, val, scheduler)
    loss_fn = nn.CrossEntropyLoss()
    for e in range(1, epochs + 1):
        t = train_epoch(model, train, optimizer, scheduler, loss_fn)
        v, a = evaluate(model, val, loss_fn)
        accelerator.print(f"[{e:02d}/{epochs}] train {t:.3f} val {v:.3f} acc {a:.3f}")


if __name__ == "__main__":
    run(int(sys.argv[1]) if len(sys.argv) > 1 else 60)
