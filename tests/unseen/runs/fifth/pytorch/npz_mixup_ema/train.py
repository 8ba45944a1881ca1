import copy
import math

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

EPOCHS, MICRO, ACCUM, LR, WARM = 80, 20, 4, 2e-3, 30
torch.manual_seed(21)
rng = np.random.default_rng(21)

blob = np.load("cifar_small.npz")
xtr, ytr, xva, yva = (blob[k] for k in ("x_train", "y_train", "x_val", "y_val"))
mu = xtr.reshape(-1, 3).mean(0) / 255.0
sd = xtr.reshape(-1, 3).std(0) / 255.0
K = int(ytr.max()) + 1


def to_tensor(batch):
    z = (batch.astype(np.float32) / 255.0 - mu) / sd
    return torch.from_numpy(np.ascontiguousarray(z.transpose(0, 3, 1, 2), dtype=np.float32))


def augment(batch):
    padded = np.pad(batch, ((0, 0), (4, 4), (4, 4), (0, 0)), mode="reflect")
    out = np.empty_like(batch)
    for i in range(len(batch)):
        r, c = rng.integers(0, 9, 2)
        view = padded[i, r:r + 32, c:c + 32]
        out[i] = view[:, ::-1] if rng.random() < 0.5 else view
    return out


def mixup(x, y, alpha=0.2):
    target = F.one_hot(y, K).float()
    lam = float(rng.beta(alpha, alpha))
    perm = torch.randperm(len(x))
    return lam * x + (1 - lam) * x[perm], lam * target + (1 - lam) * target[perm]


class Residual(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.a, self.b = nn.Conv2d(c, c, 3, padding=1), nn.Conv2d(c, c, 3, padding=1)
        self.na, self.nb = nn.GroupNorm(8, c), nn.GroupNorm(8, c)

    def forward(self, x):
        return x + self.b(F.silu(self.nb(self.a(F.silu(self.na(x))))))


model = nn.Sequential(
    nn.Conv2d(3, 32, 3, padding=1), Residual(32), nn.Conv2d(32, 64, 2, 2), Residual(64),
    nn.Conv2d(64, 128, 2, 2), Residual(128), nn.GroupNorm(8, 128), nn.SiLU(),
    nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, K))
ema = copy.deepcopy(model).eval().requires_grad_(False)


def update_ema(step, decay=0.99):
    d = min(decay, (1 + step) / (10 + step))
    with torch.no_grad():
        for e, p in zip(ema.parameters(), model.parameters()):
            e.lerp_(p, 1 - d)


per_epoch = len(xtr) // (MICRO * ACCUM)
total = EPOCHS * per_epoch
opt = torch.optim.AdamW(model.parameters(), lr=LR, weight_decay=0.05)


def lr_at(step):
    if step < WARM:
        return step / WARM
    return 0.5 * (1 + math.cos(math.pi * (step - WARM) / (total - WARM)))


sched = torch.optim.lr_scheduler.LambdaLR(opt, lr_at)

step = 0
for epoch in range(EPOCHS):
    model.train()
    order = rng.permutation(len(xtr))
    meter = []
    for b in range(per_epoch):
        ids = order[b * MICRO * ACCUM:(b + 1) * MICRO * ACCUM]
        opt.zero_grad()
        for part in np.split(ids, ACCUM):
            x, t = mixup(to_tensor(augment(xtr[part])), torch.from_numpy(ytr[part]))
            loss = -(t * F.log_softmax(model(x), dim=1)).sum() / (MICRO * ACCUM)
            loss.backward()
            meter.append(loss.item() * ACCUM)
        nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        opt.step()
        sched.step()
        step += 1
        update_ema(step)
    right = 0
    with torch.no_grad():
        for s in range(0, len(xva), 100):
            right += int((ema(to_tensor(xva[s:s + 100])).argmax(1).numpy() == yva[s:s + 100]).sum())
    print(f"epoch {epoch} loss {np.mean(meter):.4f} ema acc {right / len(xva):.4f}", flush=True)
