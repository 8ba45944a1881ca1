"""Train a small hybrid transformer on npz shards.

Gradient accumulation, bf16 autocast, linear warm-up from zero, cutmix, exponential moving average.
"""
import argparse
import copy
import glob
import math
import os
import time

import numpy as np
import torch
import torch.nn.functional as F

from vit import ConvStemViT


def get_args():
    p = argparse.ArgumentParser(__doc__)
    p.add_argument("--shards", default="shards/train-*.npz")
    p.add_argument("--val", default="shards/val-00.npz")
    p.add_argument("--micro", type=int, default=25)
    p.add_argument("--accum", type=int, default=4)
    p.add_argument("--epochs", type=int, default=120)
    p.add_argument("--peak-lr", type=float, default=1e-3)
    p.add_argument("--warmup", type=int, default=50, help="in optimizer steps")
    p.add_argument("--wd", type=float, default=0.05)
    p.add_argument("--ema", type=float, default=0.99)
    p.add_argument("--cutmix", type=float, default=0.3, help="probability")
    p.add_argument("--seed", type=int, default=5)
    p.add_argument("--out", default="vit_out")
    return p.parse_args()


def shard_stream(paths, micro, rng):
    """One pass over all shards: shard order, then picture order, both drawn anew."""
    images, labels = [], []
    for k in rng.permutation(len(paths)):
        with np.load(paths[k]) as z:
            images.append(z["image"])
            labels.append(z["label"])
    images, labels = np.concatenate(images), np.concatenate(labels)
    order = rng.permutation(len(labels))
    for i in range(0, len(order) - micro + 1, micro):
        pick = order[i:i + micro]
        x = images[pick].copy()
        for j in range(len(x)):
            if rng.random() < 0.5:
                x[j] = x[j, :, ::-1]
            dy, dx = rng.integers(0, 7, 2)
            x[j] = np.pad(x[j], ((3, 3), (3, 3), (0, 0)), mode="edge")[dy:dy + 32, dx:dx + 32]
        yield torch.from_numpy(x).permute(0, 3, 1, 2).contiguous(), torch.from_numpy(labels[pick])


def cutmix(x, y, rng):
    lam = rng.beta(1.0, 1.0)
    h, w = x.shape[2:]
    ch, cw = int(h * math.sqrt(1 - lam)), int(w * math.sqrt(1 - lam))
    top, left = int(rng.integers(0, h - ch + 1)), int(rng.integers(0, w - cw + 1))
    perm = torch.from_numpy(rng.permutation(len(x)))
    x = x.clone()
    x[:, :, top:top + ch, left:left + cw] = x[perm][:, :, top:top + ch, left:left + cw]
    return x, y[perm], 1 - ch * cw / (h * w)


class EMA:
    def __init__(self, model, decay):
        self.model = copy.deepcopy(model).eval().requires_grad_(False)
        self.decay, self.updates = decay, 0

    @torch.no_grad()
    def update(self, model):
        self.updates += 1
        d = min(self.decay, (1 + self.updates) / (10 + self.updates))
        for e, p in zip(self.model.parameters(), model.parameters()):
            e.lerp_(p, 1 - d)


@torch.no_grad()
def evaluate(model, val, step=100):
    model.eval()
    loss, hits = 0.0, 0
    images, labels = val
    for i in range(0, len(labels), step):
        x, y = images[i:i + step], labels[i:i + step]
        z = model(x)
        loss += F.cross_entropy(z, y, reduction="sum").item()
        hits += (z.argmax(-1) == y).sum().item()
    return loss / len(labels), hits / len(labels)


def main():
    args = get_args()
    os.makedirs(args.out, exist_ok=True)
    torch.manual_seed(args.seed)
    rng = np.random.default_rng(args.seed)
    paths = sorted(glob.glob(args.shards))
    with np.load(args.val) as z:
        val = torch.from_numpy(z["image"]).permute(0, 3, 1, 2).contiguous(), torch.from_numpy(z["label"])
    count = sum(len(np.load(p)["label"]) for p in paths)
    steps = count // args.micro // args.accum * args.epochs

    model = ConvStemViT()
    ema = EMA(model, args.ema)
    matrices = [p for p in model.parameters() if p.ndim > 1 and p is not model.pos]
    others = [p for p in model.parameters() if p.ndim <= 1] + [model.pos]
    opt = torch.optim.AdamW([{"params": matrices, "weight_decay": args.wd}, {"params": others, "weight_decay": 0.0}],
                            lr=0.0, betas=(0.9, 0.98))
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters, {count} pictures, {steps} steps")

    def lr_at(step):
        if step < args.warmup:
            return args.peak_lr * step / args.warmup
        return args.peak_lr * 0.5 * (1 + math.cos(math.pi * (step - args.warmup) / (steps - args.warmup)))

    step, best = 0, 0.0
    for epoch in range(args.epochs):
        model.train()
        shown, t0 = [], time.time()
        opt.zero_grad(set_to_none=True)
        for micro, (x, y) in enumerate(shard_stream(paths, args.micro, rng)):
            y2, lam = y, 1.0
            if rng.random() < args.cutmix:
                x, y2, lam = cutmix(x, y, rng)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                z = model(x)
            z = z.float()
            loss = lam * F.cross_entropy(z, y, label_smoothing=0.1) + (1 - lam) * F.cross_entropy(z, y2, label_smoothing=0.1)
            (loss / args.accum).backward()
            shown.append(loss.item())
            if (micro + 1) % args.accum == 0:
                for group in opt.param_groups:
                    group["lr"] = lr_at(step)
                torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                opt.step()
                opt.zero_grad(set_to_none=True)
                ema.update(model)
                step += 1
        loss, acc = evaluate(model, val)
        ema_loss, ema_acc = evaluate(ema.model, val)
        print(f"epoch {epoch} step {step} train {np.mean(shown):.4f} val {loss:.4f}/{acc:.4f} "
              f"ema {ema_loss:.4f}/{ema_acc:.4f} lr {lr_at(step):.2e} {time.time() - t0:.0f}s", flush=True)
        if ema_acc > best:
            best = ema_acc
            torch.save({"model": model.state_dict(), "ema": ema.model.state_dict(), "step": step}, f"{args.out}/best.pt")


if __name__ == "__main__":
    main()
