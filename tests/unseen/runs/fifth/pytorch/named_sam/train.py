import re
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

EPOCHS, RHO, BATCH = 60, 0.05, 32


def load(folder):
    files = sorted(Path(folder).iterdir(), key=lambda p: (p.name.split(".")[0], int(re.findall(r"\d+", p.name)[0])))
    names = sorted({p.name.split(".")[0] for p in files})
    x = np.stack([np.asarray(Image.open(p).convert("RGB")) for p in files])
    y = np.array([names.index(p.name.split(".")[0]) for p in files])
    return torch.from_numpy(x).movedim(3, 1).contiguous(), torch.from_numpy(y), names


class Net(nn.Module):
    def __init__(self, classes):
        super().__init__()
        ch = [3, 32, 64, 96, 128]
        self.layers = nn.ModuleList(nn.Conv2d(a, b, 3, 2 if i else 1, 1) for i, (a, b) in enumerate(zip(ch, ch[1:])))
        self.norms = nn.ModuleList(nn.GroupNorm(8, b) for b in ch[1:])
        self.out = nn.Linear(ch[-1], classes)
        self.register_buffer("shift", torch.tensor([125.0, 122.0, 115.0]).view(1, 3, 1, 1))
        self.register_buffer("spread", torch.tensor(64.0))

    def forward(self, x):
        x = (x.float() - self.shift) / self.spread
        for conv, norm in zip(self.layers, self.norms):
            x = torch.nn.functional.gelu(norm(conv(x)))
        return self.out(x.mean((2, 3)))


@torch.no_grad()
def climb(params):
    """Moves to the worst point within RHO and returns the way back."""
    norm = torch.norm(torch.stack([p.grad.norm() for p in params])) + 1e-12
    moves = []
    for p in params:
        e = p.grad * (RHO / norm)
        p.add_(e)
        moves.append(e)
    return moves


@torch.no_grad()
def descend(params, moves):
    for p, e in zip(params, moves):
        p.sub_(e)


def flip_and_shift(x):
    x = x.flip(3) if torch.rand(()) < 0.5 else x
    r, c = torch.randint(-4, 5, (2,)).tolist()
    return torch.roll(x, (r, c), (2, 3))


def main():
    torch.manual_seed(40)
    x, y, names = load("named")
    perm = torch.randperm(len(x))
    held, used = perm[:120], perm[120:]
    train = DataLoader(TensorDataset(x[used], y[used]), BATCH, shuffle=True, drop_last=True)
    net = Net(len(names))
    matrices = [p for p in net.parameters() if p.ndim > 1]
    vectors = [p for p in net.parameters() if p.ndim <= 1]
    opts = [torch.optim.SGD(matrices, lr=0.05, momentum=0.9, weight_decay=1e-3), torch.optim.Adam(vectors, lr=1e-3)]
    scheds = [torch.optim.lr_scheduler.CosineAnnealingLR(o, EPOCHS) for o in opts]
    params = matrices + vectors
    for epoch in range(EPOCHS):
        net.train()
        for bx, by in train:
            bx = flip_and_shift(bx)
            net.zero_grad()
            loss = nn.functional.cross_entropy(net(bx), by)
            loss.backward()
            moves = climb(params)
            net.zero_grad()
            nn.functional.cross_entropy(net(bx), by).backward()
            descend(params, moves)
            for o in opts:
                o.step()
        for s in scheds:
            s.step()
        net.eval()
        with torch.no_grad():
            acc = (net(x[held]).argmax(1) == y[held]).float().mean().item()
        print(f"epoch {epoch} loss {loss.item():.4f} held out {acc:.4f}", flush=True)


if __name__ == "__main__":
    main()
