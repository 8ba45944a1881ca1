"""Which small network is best on Fashion-MNIST? Trains each one anew on the same split and prints a table."""
import argparse
import json
import math
import time
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import DataLoader, Subset
from torchvision import datasets, transforms

from nets import NETS

ROOT = "fm"


def loaders(batch_size, seed):
    norm = transforms.Normalize((0.2860,), (0.3530,))
    augmented = transforms.Compose([
        transforms.RandomCrop(28, padding=2), transforms.RandomHorizontalFlip(), transforms.ToTensor(), norm])
    plain = transforms.Compose([transforms.ToTensor(), norm])
    # the same files twice: once with augmentation for training, once without for choosing the epoch
    full_aug = datasets.FashionMNIST(ROOT, train=True, transform=augmented)
    full_plain = datasets.FashionMNIST(ROOT, train=True, transform=plain)
    test = datasets.FashionMNIST(ROOT, train=False, transform=plain)
    order = torch.randperm(len(full_aug), generator=torch.Generator().manual_seed(seed)).tolist()
    cut = int(0.85 * len(order))
    return (
        DataLoader(Subset(full_aug, order[:cut]), batch_size, shuffle=True),
        DataLoader(Subset(full_plain, order[cut:]), 250),
        DataLoader(test, 250),
    )


def train_epoch(net, loader, opt, sched, device, tag):
    net.train()
    loss_sum, n = 0.0, 0
    for i, (x, y) in enumerate(loader):
        x, y = x.to(device), y.to(device)
        loss = nn.functional.nll_loss(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        loss_sum += loss.item() * len(y)
        n += len(y)
        if i % 10 == 0:
            print(f"  {tag} {i}/{len(loader)} loss {loss.item():.3f}", flush=True)
    return loss_sum / n


@torch.no_grad()
def score(net, loader, device):
    net.eval()
    loss, right, n = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        logp = net(x)
        loss += nn.functional.nll_loss(logp, y, reduction="sum").item()
        right += (logp.argmax(1) == y).sum().item()
        n += len(y)
    return loss / n, right / n


def train_one(name, args, device):
    torch.manual_seed(args.seed)
    train_loader, val_loader, test_loader = loaders(args.batch_size, args.seed)
    make, lr = NETS[name]
    net = make().to(device)
    size = sum(p.numel() for p in net.parameters())
    opt = torch.optim.Adam(net.parameters(), lr=lr)
    steps = args.epochs * len(train_loader)
    sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: 0.5 * (1 + math.cos(math.pi * s / steps)))
    print(f"== {name}: {size:,} parameters, lr {lr}")

    best, best_state, start = 0.0, None, time.time()
    for epoch in range(args.epochs):
        train_loss = train_epoch(net, train_loader, opt, sched, device, f"{name} {epoch + 1}")
        val_loss, val_acc = score(net, val_loader, device)
        print(f"{name} epoch {epoch + 1}: train {train_loss:.3f}, val {val_loss:.3f}, accuracy {val_acc:.3f}", flush=True)
        if val_acc > best:
            best, best_state = val_acc, {k: v.clone() for k, v in net.state_dict().items()}
    net.load_state_dict(best_state)
    _, test_acc = score(net, test_loader, device)
    torch.save(best_state, args.out / f"{name}.pt")
    return {"name": name, "parameters": size, "val": best, "test": test_acc, "seconds": time.time() - start}


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--nets", nargs="+", default=list(NETS), choices=list(NETS))
    ap.add_argument("--epochs", type=int, default=25)
    ap.add_argument("--batch-size", type=int, default=64)
    ap.add_argument("--seed", type=int, default=11)
    ap.add_argument("--out", type=Path, default=Path("runs/fm_compare"))
    args = ap.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    table = [train_one(name, args, device) for name in args.nets]
    table.sort(key=lambda row: -row["val"])
    print(f"{'net':12s} {'size':>9s} {'val':>6s} {'test':>6s} {'time':>6s}")
    for r in table:
        print(f"{r['name']:12s} {r['parameters']:9,d} {r['val']:6.3f} {r['test']:6.3f} {r['seconds']:5.0f}s")
    (args.out / "table.json").write_text(json.dumps(table, indent=1))


if __name__ == "__main__":
    main()
