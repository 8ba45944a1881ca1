import pickle
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

EPOCHS = 100
BATCH = 50
EVAL_EVERY = 16


def unpickle(path):
    with open(path, "rb") as f:
        return pickle.load(f)


def read(names):
    parts = [unpickle(f"batches/{n}") for n in names]
    x = np.concatenate([p["data"] for p in parts]).reshape(-1, 3, 32, 32)
    y = np.concatenate([np.asarray(p["labels"]) for p in parts])
    return torch.from_numpy(x).float().div(127.5).sub(1.0), torch.from_numpy(y).long()


class AllConv(nn.Module):
    def __init__(self, n):
        super().__init__()
        plan = [(3, 48, 1), (48, 48, 2), (48, 96, 1), (96, 96, 2), (96, 96, 1)]
        self.convs = nn.ModuleList(nn.Conv2d(a, b, 3, s, 1, bias=False) for a, b, s in plan)
        self.norms = nn.ModuleList(nn.BatchNorm2d(b) for _, b, _ in plan)
        self.drop = nn.Dropout2d(0.1)
        self.last = nn.Conv2d(96, n, 1)

    def forward(self, x):
        for i, (c, b) in enumerate(zip(self.convs, self.norms)):
            x = F.leaky_relu(b(c(x)), 0.1)
            if i in (1, 3):
                x = self.drop(x)
        return self.last(x).mean(dim=[2, 3])


def jitter(x):
    flip = torch.rand(len(x)) < 0.5
    x = torch.where(flip[:, None, None, None], x.flip(-1), x)
    padded = F.pad(x, (3, 3, 3, 3), mode="reflect")
    r, c = torch.randint(0, 7, (2,)).tolist()
    return padded[:, :, r:r + 32, c:c + 32]


@torch.no_grad()
def test(net, x, y):
    net.eval()
    preds = torch.cat([net(b).argmax(1) for b in x.split(100)])
    return (preds == y).float().mean().item()


def main():
    torch.manual_seed(99)
    xtr, ytr = read([f"batch_{i}" for i in range(1, 5)])
    xte, yte = read(["test_batch"])
    labels = unpickle("batches/meta")["label_names"]
    net = AllConv(len(labels))
    opt = torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=1e-5)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS)
    best, step, t0 = 0.0, 0, time.time()
    for epoch in range(EPOCHS):
        net.train()
        for idx in torch.randperm(len(xtr)).split(BATCH):
            loss = F.cross_entropy(net(jitter(xtr[idx])), ytr[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
            step += 1
            if step % EVAL_EVERY == 0:
                acc = test(net, xte, yte)
                best = max(best, acc)
                print(f"{time.time() - t0:7.1f}s epoch {epoch} step {step} loss {loss.item():.3f} test {acc:.3f} best {best:.3f}", flush=True)
        sched.step()


if __name__ == "__main__":
    main()
