"""Accelerate version of the old script. Batches of 32, an update for every 4 of them."""
import argparse

import torch
import torch.nn.functional as F
from accelerate import Accelerator
from accelerate.utils import set_seed
from torch import nn
from torch.utils.data import DataLoader

from zipdata import TEST, TRAIN, ZipFolder


class Bottleneck(nn.Module):
    def __init__(self, i, o, stride):
        super().__init__()
        m = o // 2
        self.f = nn.Sequential(nn.Conv2d(i, m, 1, bias=False), nn.BatchNorm2d(m), nn.ReLU(True),
                               nn.Conv2d(m, m, 3, stride, 1, bias=False), nn.BatchNorm2d(m), nn.ReLU(True),
                               nn.Conv2d(m, o, 1, bias=False), nn.BatchNorm2d(o))
        self.s = nn.Sequential(nn.Conv2d(i, o, 1, stride, bias=False), nn.BatchNorm2d(o))

    def forward(self, x):
        return F.relu(self.f(x) + self.s(x))


def make_net(n):
    return nn.Sequential(nn.Conv2d(3, 32, 3, 1, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU(True),
                         Bottleneck(32, 64, 2), Bottleneck(64, 128, 1), Bottleneck(128, 192, 2),
                         nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(192, n))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--archive", default="shots.zip")
    p.add_argument("--epochs", type=int, default=60)
    p.add_argument("--batch_size", type=int, default=32)
    p.add_argument("--grad_accum", type=int, default=4)
    p.add_argument("--lr", type=float, default=3e-3)
    p.add_argument("--seed", type=int, default=1234)
    args = p.parse_args()

    accelerator = Accelerator(gradient_accumulation_steps=args.grad_accum, cpu=True)
    set_seed(args.seed)
    train, val = ZipFolder(args.archive, "train", TRAIN), ZipFolder(args.archive, "val", TEST)
    loader = DataLoader(train, args.batch_size, shuffle=True)
    val_loader = DataLoader(val, 80)
    model = make_net(len(train.classes))
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr, weight_decay=0.02)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, args.epochs * -(-len(loader) // args.grad_accum))
    model, optimizer, loader, val_loader, scheduler = accelerator.prepare(model, optimizer, loader, val_loader, scheduler)

    for epoch in range(args.epochs):
        model.train()
        total = 0.0
        for step, (images, labels) in enumerate(loader):
            with accelerator.accumulate(model):
                loss = F.cross_entropy(model(images), labels)
                accelerator.backward(loss)
                total += loss.item()
                if accelerator.sync_gradients:
                    accelerator.clip_grad_norm_(model.parameters(), 2.0)
                if step % args.grad_accum == 0 or step == len(loader) - 1:
                    optimizer.step()
                    scheduler.step()
                    optimizer.zero_grad()
        model.eval()
        right = seen = 0
        for images, labels in val_loader:
            with torch.inference_mode():
                guess = model(images).argmax(-1)
            guess, labels = accelerator.gather_for_metrics((guess, labels))
            right, seen = right + (guess == labels).sum().item(), seen + len(labels)
        accelerator.print(f"epoch {epoch}: loss {total / len(loader):.4f} lr {scheduler.get_last_lr()[0]:.5f} accuracy {right / seen:.4f}")


if __name__ == "__main__":
    main()
