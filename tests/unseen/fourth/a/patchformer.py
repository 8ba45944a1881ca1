"""A small vision transformer for CIFAR-10, from nothing. Can be stopped and continued (--resume)."""
import argparse
import math
import os
from types import SimpleNamespace

import torch
from torch import nn
from torch.utils.data import DataLoader, Subset
from torchvision import datasets
from torchvision import transforms as T

CIFAR_MEAN = (0.4914, 0.4822, 0.4465)
CIFAR_STD = (0.2470, 0.2435, 0.2616)


class Block(nn.Module):
    def __init__(self, dim, heads, mlp, drop):
        super().__init__()
        self.norm1 = nn.LayerNorm(dim)
        self.attn = nn.MultiheadAttention(dim, heads, dropout=drop, batch_first=True)
        self.norm2 = nn.LayerNorm(dim)
        self.mlp = nn.Sequential(nn.Linear(dim, mlp), nn.GELU(), nn.Dropout(drop), nn.Linear(mlp, dim), nn.Dropout(drop))

    def forward(self, x):
        h = self.norm1(x)
        x = x + self.attn(h, h, h, need_weights=False)[0]
        return x + self.mlp(self.norm2(x))


class PatchFormer(nn.Module):
    def __init__(self, image=32, patch=4, dim=256, depth=8, heads=8, classes=10, drop=0.1):
        super().__init__()
        assert image % patch == 0
        n = (image // patch) ** 2
        self.embed = nn.Conv2d(3, dim, kernel_size=patch, stride=patch)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, dim))
        self.pos_embed = nn.Parameter(torch.zeros(1, n + 1, dim))
        self.drop = nn.Dropout(drop)
        self.blocks = nn.ModuleList([Block(dim, heads, dim * 4, drop) for _ in range(depth)])
        self.norm = nn.LayerNorm(dim)
        self.fc = nn.Linear(dim, classes)
        nn.init.trunc_normal_(self.cls_token, std=0.02)
        nn.init.trunc_normal_(self.pos_embed, std=0.02)

    def forward(self, x):
        x = self.embed(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls_token.expand(x.shape[0], -1, -1), x], dim=1)
        x = self.drop(x + self.pos_embed)
        for block in self.blocks:
            x = block(x)
        return self.fc(self.norm(x[:, 0]))


def split_decay(model, wd):
    yes, no = [], []
    for name, p in model.named_parameters():
        if p.ndim == 1 or name in ("cls_token", "pos_embed"):
            no.append(p)
        else:
            yes.append(p)
    return [dict(params=yes, weight_decay=wd), dict(params=no, weight_decay=0.0)]


def loaders(args):
    normalize = T.Normalize(CIFAR_MEAN, CIFAR_STD)
    aug = T.Compose([T.RandomCrop(32, padding=4), T.RandomHorizontalFlip(), T.RandAugment(2, 9), T.ToTensor(), normalize])
    plain = T.Compose([T.ToTensor(), normalize])
    train_aug = datasets.CIFAR10(args.data, train=True, download=True, transform=aug)
    train_plain = datasets.CIFAR10(args.data, train=True, transform=plain)
    test = datasets.CIFAR10(args.data, train=False, download=True, transform=plain)
    # the split has a generator of its own, so it is the same after --resume
    order = torch.randperm(50000, generator=torch.Generator().manual_seed(args.seed)).tolist()
    opts = dict(num_workers=args.workers, pin_memory=True)
    return SimpleNamespace(
        train=DataLoader(Subset(train_aug, order[:45000]), args.batch_size, shuffle=True, drop_last=True, **opts),
        val=DataLoader(Subset(train_plain, order[45000:]), 500, **opts),
        test=DataLoader(test, 500, **opts),
    )


@torch.inference_mode()
def accuracy(model, loader, device):
    model.eval()
    right = torch.zeros((), device=device)
    n = 0
    for x, y in loader:
        x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
        right += (model(x).argmax(-1) == y).sum()
        n += len(y)
    return right.item() / n


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--data", default="./data")
    ap.add_argument("--epochs", type=int, default=200)
    ap.add_argument("--warmup", type=int, default=10)
    ap.add_argument("--batch-size", type=int, default=128)
    ap.add_argument("--lr", type=float, default=5e-4)
    ap.add_argument("--wd", type=float, default=0.05)
    ap.add_argument("--workers", type=int, default=8)
    ap.add_argument("--seed", type=int, default=3407)
    ap.add_argument("--ckpt", default="patchformer.ckpt")
    ap.add_argument("--resume", action="store_true")
    args = ap.parse_args()

    torch.manual_seed(args.seed)
    device = "cuda"
    data = loaders(args)
    model = PatchFormer().to(device)
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    optimizer = torch.optim.AdamW(split_decay(model, args.wd), lr=args.lr)

    warm, total = args.warmup * len(data.train), args.epochs * len(data.train)

    def factor(step):
        if step < warm:
            return (step + 1) / warm
        return 0.5 * (1 + math.cos(math.pi * (step - warm) / (total - warm)))

    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)

    start, best = 0, 0.0
    if args.resume and os.path.exists(args.ckpt):
        saved = torch.load(args.ckpt, map_location=device)
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        scheduler.load_state_dict(saved["scheduler"])
        start, best = saved["epoch"] + 1, saved["best"]

    for epoch in range(start, args.epochs):
        model.train()
        running = torch.zeros((), device=device)
        for x, y in data.train:
            x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
            with torch.autocast("cuda", dtype=torch.bfloat16):
                loss = criterion(model(x), y)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            scheduler.step()
            running += loss.detach()
        acc = accuracy(model, data.val, device)
        print(f"{epoch:03d}  loss {running.item() / len(data.train):.3f}  val {acc:.4f}")
        if acc > best:
            best = acc
            torch.save(model.state_dict(), "patchformer_best.pt")
        torch.save({
            "model": model.state_dict(),
            "optimizer": optimizer.state_dict(),
            "scheduler": scheduler.state_dict(),
            "epoch": epoch,
            "best": best,
        }, args.ckpt)

    model.load_state_dict(torch.load("patchformer_best.pt", map_location=device))
    print(f"test accuracy of the network with the best validation: {accuracy(model, data.test, device):.4f}")


if __name__ == "__main__":
    main()
