# Treino com shards, mixup e acúmulo de gradiente
import glob
import random

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader
from torchvision.models import resnet18
from torchvision.transforms import v2

from stream import ShardStream

CFG = dict(epochs=50, batch=64, accum=2, max_lr=2e-3, wd=0.05, alpha=0.2, size=64, classes=10, seed=11)


def semente(s):
    random.seed(s)
    np.random.seed(s)
    torch.manual_seed(s)


def mixup(x, y, alpha, n):
    lam = float(np.random.beta(alpha, alpha))
    perm = torch.randperm(x.size(0), device=x.device)
    t = F.one_hot(y, n).float()
    return lam * x + (1 - lam) * x[perm], lam * t + (1 - lam) * t[perm]


def main(cfg):
    semente(cfg["seed"])
    dev = "cuda" if torch.cuda.is_available() else "cpu"
    base = [v2.ToDtype(torch.float32, scale=True), v2.Normalize([0.491, 0.482, 0.447], [0.247, 0.243, 0.262])]
    t_train = v2.Compose([v2.RandomCrop(32, padding=4), v2.RandomHorizontalFlip(),
                          v2.Resize(cfg["size"], antialias=True)] + base)
    t_val = v2.Compose([v2.Resize(cfg["size"], antialias=True)] + base)
    train = ShardStream(sorted(glob.glob("shards/train-*.npz")), t_train, training=True)
    val = ShardStream(sorted(glob.glob("shards/val-*.npz")), t_val, training=False)
    # a mistura acontece dentro do ShardStream
    train_dl = DataLoader(train, cfg["batch"], shuffle=False, drop_last=True)
    val_dl = DataLoader(val, 128)

    net = resnet18(num_classes=cfg["classes"]).to(dev)
    net.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False).to(dev)   # imagens pequenas
    opt = torch.optim.AdamW(net.parameters(), lr=cfg["max_lr"], weight_decay=cfg["wd"])
    n_batches = len(train) // cfg["batch"]
    updates = (n_batches // cfg["accum"]) * cfg["epochs"]
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=cfg["max_lr"], total_steps=updates + 1)

    for ep in range(cfg["epochs"]):
        net.train()
        total_loss, pend = 0.0, 0
        for x, y in train_dl:
            x, t = mixup(x.to(dev), y.to(dev), cfg["alpha"], cfg["classes"])
            loss = F.cross_entropy(net(x), t)
            (loss / cfg["accum"]).backward()
            total_loss += loss.item()
            pend += 1
            if pend == cfg["accum"]:
                nn.utils.clip_grad_norm_(net.parameters(), 1.0)
                opt.step()
                sched.step()
                opt.zero_grad()
                pend = 0
        opt.zero_grad()     # descarta o resto de um grupo incompleto

        net.eval()
        ok = tot = 0
        with torch.no_grad():
            for x, y in val_dl:
                ok += (net(x.to(dev)).argmax(1).cpu() == y).sum().item()
                tot += len(y)
        print(f"época {ep + 1:02d} | perda {total_loss / n_batches:.4f} | val {ok / tot:.4f} | "
              f"lr {sched.get_last_lr()[0]:.2e}")
    torch.save(net.state_dict(), "shards_r18.pt")


if __name__ == "__main__":
    main(CFG)
