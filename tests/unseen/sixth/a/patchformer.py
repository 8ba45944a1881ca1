"""PatchFormer on CIFAR-10, trained from scratch (ablation: no distillation token)."""
import argparse
import math

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, Subset
from torchvision import datasets, transforms


class Attention(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim)
        self.out = nn.Linear(dim, dim)

    def forward(self, x):
        b, n, d = x.shape
        q, k, v = self.qkv(x).reshape(b, n, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v)
        return self.out(y.transpose(1, 2).reshape(b, n, d))


class Block(nn.Module):
    def __init__(self, dim, heads, ratio=4):
        super().__init__()
        self.n1, self.n2 = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.attn = Attention(dim, heads)
        self.mlp = nn.Sequential(nn.Linear(dim, ratio * dim), nn.GELU(), nn.Linear(ratio * dim, dim))

    def forward(self, x):
        x = x + self.attn(self.n1(x))
        return x + self.mlp(self.n2(x))


class PatchFormer(nn.Module):
    def __init__(self, dim=256, depth=8, heads=8, patch=4, classes=10):
        super().__init__()
        self.patchify = nn.Conv2d(3, dim, patch, patch)
        self.pos = nn.Parameter(torch.randn(1, (32 // patch) ** 2, dim) * 0.02)
        self.blocks = nn.Sequential(*[Block(dim, heads) for _ in range(depth)])
        self.norm = nn.LayerNorm(dim)
        self.head = nn.Linear(dim, classes)

    def forward(self, x):
        x = self.patchify(x).flatten(2).transpose(1, 2) + self.pos
        return self.head(self.norm(self.blocks(x)).mean(dim=1))


def param_groups(model, decay):
    with_decay = [p for n, p in model.named_parameters() if p.ndim > 1 and n != "pos"]
    without = [p for n, p in model.named_parameters() if p.ndim <= 1 or n == "pos"]
    return [{"params": with_decay, "weight_decay": decay}, {"params": without, "weight_decay": 0.0}]


def warmup_cosine(step, warmup, total):
    if step < warmup:
        return (step + 1) / warmup
    return 0.5 * (1 + math.cos(math.pi * (step - warmup) / (total - warmup)))


@torch.no_grad()
def evaluate(model, loader, device):
    model.eval()
    right, n = torch.zeros((), device=device), 0
    for x, y in loader:
        right += (model(x.to(device)).argmax(1) == y.to(device)).sum()
        n += y.numel()
    return right.item() / n


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--data", default="~/data")
    ap.add_argument("--epochs", type=int, default=150)
    ap.add_argument("--batch", type=int, default=256)
    ap.add_argument("--lr", type=float, default=5e-4)
    ap.add_argument("--wd", type=float, default=0.05)
    ap.add_argument("--warmup-epochs", type=int, default=10)
    a = ap.parse_args()
    torch.manual_seed(3407)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    norm = transforms.Normalize((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616))
    aug = transforms.Compose([transforms.RandomCrop(32, padding=4), transforms.RandomHorizontalFlip(),
                              transforms.ToTensor(), norm, transforms.RandomErasing(p=0.25)])
    plain = transforms.Compose([transforms.ToTensor(), norm])
    full = datasets.CIFAR10(a.data, train=True, download=True, transform=aug)
    full_plain = datasets.CIFAR10(a.data, train=True, download=True, transform=plain)
    test_set = datasets.CIFAR10(a.data, train=False, download=True, transform=plain)
    perm = torch.randperm(len(full)).tolist()
    kw = dict(num_workers=8, pin_memory=True)
    train = DataLoader(Subset(full, perm[5000:]), a.batch, shuffle=True, drop_last=True, **kw)
    val = DataLoader(Subset(full_plain, perm[:5000]), 512, **kw)
    test = DataLoader(test_set, 512, **kw)

    model = PatchFormer().to(device)
    opt = torch.optim.AdamW(param_groups(model, a.wd), lr=a.lr, betas=(0.9, 0.99))
    total = a.epochs * len(train)
    warm = a.warmup_epochs * len(train)
    sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: warmup_cosine(s, warm, total))

    for epoch in range(a.epochs):
        model.train()
        for x, y in train:
            x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
            loss = F.cross_entropy(model(x), y, label_smoothing=0.1)
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
            sched.step()
        if epoch % 10 == 9:
            print(epoch + 1, "last loss", loss.item(), "val", evaluate(model, val, device))
    print("test", evaluate(model, test, device))


if __name__ == "__main__":
    main()
