"""Fine-tune a self-supervised ResNet-18 on labelled photographs.

    python train.py --data photos --pretrained weights/r18_ssl_ep200.pth
"""
import argparse
import os

import torch
from torch import nn, optim
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder

from finetune.model import Classifier, load_pretrained
from finetune.augment import train_augment, plain


def parse():
    p = argparse.ArgumentParser()
    p.add_argument("--data", default="photos")
    p.add_argument("--pretrained", default="weights/r18_ssl_ep200.pth")
    p.add_argument("--epochs", type=int, default=30)
    p.add_argument("--batch-size", type=int, default=32)
    p.add_argument("--lr", type=float, default=0.01)
    p.add_argument("--wd", type=float, default=1e-4)
    p.add_argument("-j", "--workers", type=int, default=2)
    return p.parse_args()


def train_one_epoch(net, loader, loss_fn, opt, sched, device):
    net.train()
    tot = 0.0
    for img, lab in loader:
        img, lab = img.to(device), lab.to(device)
        opt.zero_grad()
        loss = loss_fn(net(img), lab)
        loss.backward()
        opt.step()
        tot += loss.item()
    sched.step()
    return tot / len(loader)


@torch.no_grad()
def top1(net, loader, device):
    net.eval()
    n = c = 0
    for img, lab in loader:
        out = net(img.to(device)).cpu()
        c += int((out.argmax(-1) == lab).sum())
        n += lab.shape[0]
    return c / n


def main():
    args = parse()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    tr = ImageFolder(os.path.join(args.data, "train"), train_augment(160))
    va = ImageFolder(os.path.join(args.data, "val"), plain(160))
    tl = DataLoader(tr, args.batch_size, shuffle=True, num_workers=args.workers, drop_last=True)
    vl = DataLoader(va, args.batch_size, num_workers=args.workers)

    net = Classifier(num_classes=len(tr.classes))
    load_pretrained(net, args.pretrained)
    net.to(device)

    opt = optim.SGD(net.parameters(), lr=args.lr, momentum=0.9, weight_decay=args.wd)
    sched = optim.lr_scheduler.CosineAnnealingLR(opt, T_max=args.epochs)
    loss_fn = nn.CrossEntropyLoss()
    for ep in range(args.epochs):
        loss = train_one_epoch(net, tl, loss_fn, opt, sched, device)
        print(f"[{ep + 1}/{args.epochs}] loss={loss:.4f} val_top1={top1(net, vl, device):.4f}")
    torch.save(net.state_dict(), "ssl_finetuned.pth")


if __name__ == "__main__":
    main()
