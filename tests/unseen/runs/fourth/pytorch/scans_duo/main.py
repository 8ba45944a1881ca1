"""
Classify scans whose class is the first part of the file name (ship-0012.png).

The convolutional part is trained by SGD, the attention pooling and the classifier by Adam.
"""
import logging
import re
import sys
from argparse import ArgumentParser
from collections import OrderedDict
from pathlib import Path
from zlib import crc32

import numpy as np
import torch
from PIL import Image
from torch import nn

log = logging.getLogger("scans")


def read_folder(folder):
    pattern = re.compile(r"([a-z]+)-(\d+)\.png$")
    entries = []
    for path in sorted(Path(folder).iterdir()):
        m = pattern.match(path.name)
        if m:
            entries.append((path, m.group(1)))
    names = sorted({c for _, c in entries})
    lookup = {c: i for i, c in enumerate(names)}
    parts = {"fit": ([], []), "hold": ([], [])}
    for path, c in entries:
        # the part hangs on the name alone: the same in every run
        part = "hold" if crc32(path.name.encode()) % 5 == 0 else "fit"
        parts[part][0].append(np.array(Image.open(path).convert("RGB"), dtype=np.uint8))
        parts[part][1].append(lookup[c])
    return names, {k: (np.stack(x), np.array(y)) for k, (x, y) in parts.items()}


def random_view(batch, rng, shift=4):
    """Shift, mirror and brightness for NHWC uint8; returns NHWC float in 0..1."""
    n, h, w, _ = batch.shape
    padded = np.pad(batch, ((0, 0), (shift, shift), (shift, shift), (0, 0)), mode="symmetric")
    out = np.empty((n, h, w, 3), dtype=np.float32)
    for k in range(n):
        r, c = rng.integers(0, 2 * shift + 1, size=2)
        view = padded[k, r:r + h, c:c + w]
        if rng.random() < 0.5:
            view = view[:, ::-1]
        out[k] = np.clip(view / 255.0 * rng.uniform(0.85, 1.15), 0.0, 1.0)
    return out


def to_tensor(nhwc):
    return torch.from_numpy(np.ascontiguousarray(nhwc.transpose(0, 3, 1, 2)))


class Standardise(nn.Module):
    def __init__(self, pixels):
        super().__init__()
        scaled = pixels.astype(np.float32) / 255.0
        self.register_buffer("mean", torch.tensor(scaled.mean((0, 1, 2))).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(scaled.std((0, 1, 2))).view(1, 3, 1, 1))

    def forward(self, x):
        return (x - self.mean) / self.std


class AttentionPool(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.score = nn.Conv2d(channels, 1, 1)

    def forward(self, x):
        weight = self.score(x).flatten(2).softmax(-1)
        return (x.flatten(2) * weight).sum(-1)


def conv_part(widths):
    layers, last = OrderedDict(), 3
    for k, w in enumerate(widths):
        layers[f"conv{k}"] = nn.Conv2d(last, w, 3, padding=1, bias=False)
        layers[f"norm{k}"] = nn.BatchNorm2d(w)
        layers[f"act{k}"] = nn.LeakyReLU(0.1)
        if k % 2:
            layers[f"pool{k}"] = nn.MaxPool2d(2)
        last = w
    return nn.Sequential(layers)


def build(pixels, classes):
    widths = (32, 32, 64, 64, 128, 128)
    return nn.Sequential(OrderedDict(
        standardise=Standardise(pixels),
        conv=conv_part(widths),
        pool=AttentionPool(widths[-1]),
        drop=nn.Dropout(0.3),
        classify=nn.Linear(widths[-1], classes),
    ))


def score(net, images, labels, loss_fn, size=64):
    net.eval()
    total, right = 0.0, 0
    with torch.no_grad():
        for k in range(0, len(labels), size):
            x = to_tensor(images[k:k + size].astype(np.float32) / 255.0)
            y = torch.as_tensor(labels[k:k + size])
            z = net(x)
            total += loss_fn(z, y).item()
            right += (z.argmax(1) == y).sum().item()
    net.train()
    return total / len(labels), right / len(labels)


def main(argv=None):
    ap = ArgumentParser()
    ap.add_argument("folder", nargs="?", default="scans")
    ap.add_argument("--epochs", type=int, default=60)
    ap.add_argument("--batch", type=int, default=28)
    ap.add_argument("--conv-lr", type=float, default=0.03)
    ap.add_argument("--head-lr", type=float, default=0.001)
    ap.add_argument("--seed", type=int, default=3)
    a = ap.parse_args(argv)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(name)s %(message)s")

    torch.manual_seed(a.seed)
    rng = np.random.default_rng(a.seed)
    names, parts = read_folder(a.folder)
    (fit_x, fit_y), (hold_x, hold_y) = parts["fit"], parts["hold"]
    log.info("classes %s, %d to fit, %d held out", names, len(fit_y), len(hold_y))

    net = build(fit_x, len(names))
    head = list(net.pool.parameters()) + list(net.classify.parameters())
    opt_conv = torch.optim.SGD(net.conv.parameters(), lr=a.conv_lr, momentum=0.9, weight_decay=1e-3)
    opt_head = torch.optim.Adam(head, lr=a.head_lr)
    plans = [torch.optim.lr_scheduler.CosineAnnealingLR(o, a.epochs) for o in (opt_conv, opt_head)]
    loss_fn = nn.CrossEntropyLoss(reduction="sum")

    best = 0.0
    for epoch in range(a.epochs):
        order, total, right, seen = rng.permutation(len(fit_y)), 0.0, 0, 0
        for k in range(0, len(order) - a.batch + 1, a.batch):
            pick = order[k:k + a.batch]
            x, y = to_tensor(random_view(fit_x[pick], rng)), torch.as_tensor(fit_y[pick])
            z = net(x)
            loss = loss_fn(z, y)
            opt_conv.zero_grad()
            opt_head.zero_grad()
            (loss / len(pick)).backward()
            opt_conv.step()
            opt_head.step()
            total += loss.item()
            right += (z.argmax(1) == y).sum().item()
            seen += len(pick)
        for plan in plans:
            plan.step()
        hold_loss, hold_acc = score(net, hold_x, hold_y, loss_fn)
        log.info("%3d fit %.4f %.3f hold %.4f %.3f", epoch, total / seen, right / seen, hold_loss, hold_acc)
        if hold_acc > best:
            best = hold_acc
            torch.save({"net": net.state_dict(), "names": names}, "scans_best.pt")
    log.info("best %.3f", best)


if __name__ == "__main__":
    main()
