import argparse, json, math
import numpy as np
import torch
from torch import nn
from torch.utils.data import TensorDataset, DataLoader


class SqueezeExcite(nn.Module):
    def __init__(self, c, r=4):
        super().__init__()
        self.down, self.up = nn.Linear(c, c // r), nn.Linear(c // r, c)

    def forward(self, x):
        g = self.up(torch.relu(self.down(x.mean((2, 3)))))
        return x * torch.sigmoid(g)[:, :, None, None]


class Block(nn.Module):
    def __init__(self, i, o, stride=1):
        super().__init__()
        self.c1 = nn.Conv2d(i, o, 3, stride, 1, bias=False)
        self.b1 = nn.BatchNorm2d(o)
        self.c2 = nn.Conv2d(o, o, 3, 1, 1, bias=False)
        self.b2 = nn.BatchNorm2d(o)
        self.se = SqueezeExcite(o)
        self.skip = nn.Identity() if i == o and stride == 1 else nn.Conv2d(i, o, 1, stride, bias=False)

    def forward(self, x):
        y = torch.relu(self.b1(self.c1(x)))
        return torch.relu(self.skip(x) + self.se(self.b2(self.c2(y))))


class FashionNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(1, 16, 3, 2, 1)
        self.blocks = nn.Sequential(Block(16, 16), Block(16, 32, 2), Block(32, 64, 2))
        self.head = nn.Linear(64, 10)

    def forward(self, x):
        return self.head(self.blocks(self.stem(x)).mean((2, 3)))


def parameter_groups(model, decay):
    """weight decay for the weights, none for biases and normalisation"""
    named = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    weights = [p for n, p in named if p.dim() == 2]
    others = [p for n, p in named if p.dim() < 2 or n.endswith(".bias")]
    return [{"params": weights, "weight_decay": decay}, {"params": others, "weight_decay": 0.0}]


def load(folder, part):
    x = np.load(f"{folder}/{part}_x.npy", mmap_mode="r")
    y = np.load(f"{folder}/{part}_y.npy")
    x = torch.from_numpy(np.array(x, dtype=np.float32))[:, None] / 255.0
    return TensorDataset((x - 0.286) / 0.353, torch.from_numpy(y.astype(np.int64)))


class Run:
    def __init__(self, a):
        self.a = a
        self.train_dl = DataLoader(load(a.folder, "train"), a.bs, shuffle=True)
        self.test_dl = DataLoader(load(a.folder, "test"), 200)
        self.net = FashionNet()
        self.opt = torch.optim.AdamW(parameter_groups(self.net, a.wd), lr=a.lr)
        steps = a.epochs * len(self.train_dl)
        warm = min(50, steps // 10 + 1)
        self.sched = torch.optim.lr_scheduler.LambdaLR(
            self.opt, lambda s: min(1, (s + 1) / warm) * 0.5 * (1 + math.cos(math.pi * min(1, s / steps))))

    def train(self):
        self.net.train()
        total = 0.0
        for x, y in self.train_dl:
            loss = nn.functional.cross_entropy(self.net(x), y)
            self.opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(self.net.parameters(), 5.0)
            self.opt.step()
            self.sched.step()
            total += loss.item()
        return total / len(self.train_dl)

    @torch.no_grad()
    def test(self):
        self.net.eval()
        ok = [(self.net(x).argmax(1) == y).float() for x, y in self.test_dl]
        return torch.cat(ok).mean().item()

    def __call__(self):
        for e in range(self.a.epochs):
            print(json.dumps({"epoch": e, "loss": round(self.train(), 4), "test_acc": round(self.test(), 4)}), flush=True)


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("--folder", default="fnpy"); p.add_argument("--epochs", type=int, default=25)
    p.add_argument("--bs", type=int, default=80); p.add_argument("--lr", type=float, default=3e-3)
    p.add_argument("--wd", type=float, default=0.05)
    torch.manual_seed(42)
    Run(p.parse_args())()
