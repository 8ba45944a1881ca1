"""Small pictures from two npz files: normalisation inside the network, mixup and cutmix on whole batches, weight averaging.

    python train.py --epochs 80
"""
import argparse
import copy
import json
import math
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import BatchSampler, DataLoader, Dataset, RandomSampler, SequentialSampler


class NpzPictures(Dataset):
    """Indexed with a whole list of numbers; gives uint8 batches, channels first."""

    def __init__(self, path):
        with np.load(path) as z:
            x, y = z["x"], z["y"]
        assert x.dtype == np.uint8 and x.shape[-1] == 3
        self.x = torch.from_numpy(np.ascontiguousarray(x.transpose(0, 3, 1, 2)))
        self.y = torch.from_numpy(y.astype(np.int64))

    def __len__(self):
        return len(self.y)

    def __getitem__(self, picks):
        return self.x[picks], self.y[picks]


def batches(dataset, size, train):
    order = RandomSampler(dataset) if train else SequentialSampler(dataset)
    # batch_size=None: the sampler's lists go straight to the dataset
    return DataLoader(dataset, sampler=BatchSampler(order, size, drop_last=train), batch_size=None)


class Scale(nn.Module):
    """Bytes to normalised floats."""

    def __init__(self, mean, std):
        super().__init__()
        self.register_buffer("mean", mean.view(1, 3, 1, 1) * 255)
        self.register_buffer("std", std.view(1, 3, 1, 1) * 255)

    def forward(self, x):
        return (x.float() - self.mean) / self.std


def conv(cin, cout, k=3, stride=1, groups=1):
    return nn.Sequential(nn.Conv2d(cin, cout, k, stride, k // 2, groups=groups, bias=False), nn.BatchNorm2d(cout))


class Inverted(nn.Module):
    def __init__(self, cin, cout, stride, expand=3):
        super().__init__()
        mid = cin * expand
        self.body = nn.Sequential(conv(cin, mid, 1), nn.SiLU(), conv(mid, mid, 3, stride, mid), nn.SiLU(), conv(mid, cout, 1))
        self.same = stride == 1 and cin == cout

    def forward(self, x):
        return x + self.body(x) if self.same else self.body(x)


class Net(nn.Module):
    def __init__(self, mean, std, classes):
        super().__init__()
        self.scale = Scale(mean, std)
        self.body = nn.Sequential(
            conv(3, 24, stride=2), nn.SiLU(),
            Inverted(24, 24, 1), Inverted(24, 48, 2), Inverted(48, 48, 1),
            Inverted(48, 96, 2), Inverted(96, 96, 1), Inverted(96, 96, 1),
            conv(96, 256, 1), nn.SiLU(),
        )
        self.drop = nn.Dropout(0.1)
        self.fc = nn.Linear(256, classes)

    def forward(self, x):
        x = self.body(self.scale(x))
        return self.fc(self.drop(x.mean((-2, -1))))


def flip_and_shift(x, pad=3):
    """Every picture of the batch gets its own flip and shift."""
    n, _, h, w = x.shape
    flip = torch.rand(n, device=x.device) < 0.5
    x = torch.where(flip[:, None, None, None], x.flip(-1), x)
    big = F.pad(x.float(), (pad,) * 4, mode="reflect")
    out = torch.empty_like(x, dtype=torch.float32)
    for i in range(n):
        dy, dx = torch.randint(0, 2 * pad + 1, (2,)).tolist()
        out[i] = big[i, :, dy:dy + h, dx:dx + w]
    return out


def mix(x, y, classes, alpha):
    """Mixup or cutmix, one of both by chance; soft targets come back."""
    target = F.one_hot(y, classes).float()
    lam = float(np.random.beta(alpha, alpha))
    perm = torch.randperm(len(x), device=x.device)
    if np.random.rand() < 0.5:
        x = lam * x + (1 - lam) * x[perm]
    else:
        h, w = x.shape[-2:]
        rh, rw = int(h * math.sqrt(1 - lam)), int(w * math.sqrt(1 - lam))
        cy, cx = np.random.randint(h), np.random.randint(w)
        y1, y2 = max(cy - rh // 2, 0), min(cy + rh // 2, h)
        x1, x2 = max(cx - rw // 2, 0), min(cx + rw // 2, w)
        x = x.clone()
        x[:, :, y1:y2, x1:x2] = x[perm, :, y1:y2, x1:x2]
        lam = 1 - (y2 - y1) * (x2 - x1) / (h * w)
    return x, lam * target + (1 - lam) * target[perm]


class Average:
    """Exponential moving average of the weights; buffers are copied."""

    def __init__(self, net, decay):
        self.net = copy.deepcopy(net).eval()
        self.net.requires_grad_(False)
        self.decay, self.updates = decay, 0

    @torch.no_grad()
    def update(self, net):
        self.updates += 1
        d = min(self.decay, (1 + self.updates) / (10 + self.updates))
        for a, p in zip(self.net.parameters(), net.parameters()):
            a.lerp_(p, 1 - d)
        for a, b in zip(self.net.buffers(), net.buffers()):
            a.copy_(b)


@torch.no_grad()
def evaluate(net, loader, device):
    net.eval()
    loss, right, n = 0.0, 0, 0
    for x, y in loader:
        out = net(x.to(device)).cpu()
        loss += F.cross_entropy(out, y, reduction="sum").item()
        right += (out.argmax(1) == y).sum().item()
        n += len(y)
    return loss / n, right / n


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--data", type=Path, default=Path("packs"))
    ap.add_argument("--epochs", type=int, default=80)
    ap.add_argument("--batch", type=int, default=50)
    ap.add_argument("--lr", type=float, default=2e-3)
    ap.add_argument("--alpha", type=float, default=0.4)
    ap.add_argument("--mix-prob", type=float, default=0.6)
    ap.add_argument("--ema", type=float, default=0.998)
    ap.add_argument("--out", type=Path, default=Path("runs/npz_mixema"))
    args = ap.parse_args()
    np.random.seed(4)
    torch.manual_seed(4)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    args.out.mkdir(parents=True, exist_ok=True)

    train, test = NpzPictures(args.data / "train.npz"), NpzPictures(args.data / "test.npz")
    classes = int(train.y.max()) + 1
    pixels = train.x.float() / 255
    mean, std = pixels.mean((0, 2, 3)), pixels.std((0, 2, 3))
    del pixels
    net = Net(mean, std, classes).to(device)
    ema = Average(net, args.ema)
    print(f"{len(train)} / {len(test)} pictures, {classes} classes, {sum(p.numel() for p in net.parameters()):,} parameters")

    train_loader, test_loader = batches(train, args.batch, True), batches(test, 100, False)
    opt = torch.optim.AdamW(net.parameters(), lr=args.lr, weight_decay=0.05)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, args.lr, epochs=args.epochs, steps_per_epoch=len(train_loader), pct_start=0.15)

    rows = []
    for epoch in range(1, args.epochs + 1):
        net.train()
        start, loss_sum, n = time.time(), 0.0, 0
        for i, (x, y) in enumerate(train_loader):
            x = flip_and_shift(x.to(device))
            y = y.to(device)
            if np.random.rand() < args.mix_prob:
                x, target = mix(x, y, classes, args.alpha)
            else:
                target = F.one_hot(y, classes).float()
            logp = F.log_softmax(net(x), dim=1)
            loss = -(target * logp).sum(1).mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
            sched.step()
            ema.update(net)
            loss_sum += loss.item() * len(y)
            n += len(y)
            if i % 10 == 0:
                print(f"  {epoch}:{i}/{len(train_loader)} {loss.item():.3f}", flush=True)
        raw, smooth = evaluate(net, test_loader, device), evaluate(ema.net, test_loader, device)
        rows.append({"epoch": epoch, "train_loss": loss_sum / n, "net": raw, "ema": smooth, "seconds": time.time() - start})
        print(f"epoch {epoch}: loss {loss_sum / n:.3f}, accuracy {raw[1]:.3f}, averaged {smooth[1]:.3f}", flush=True)
        (args.out / "log.json").write_text(json.dumps(rows, indent=1))
        torch.save({"net": net.state_dict(), "ema": ema.net.state_dict(), "opt": opt.state_dict(),
                    "sched": sched.state_dict(), "epoch": epoch}, args.out / "last.pt")


if __name__ == "__main__":
    main()
