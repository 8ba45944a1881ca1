"""Accelerate; evaluates every few steps and keeps the best checkpoint."""
import argparse

import numpy as np
import torch
import torch.nn.functional as F
from accelerate import Accelerator
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms as T


def block(cin, cout, p):
    return nn.Sequential(
        nn.Conv2d(cin, cout, 3, padding=1, bias=False), nn.BatchNorm2d(cout), nn.ReLU(),
        nn.Conv2d(cout, cout, 3, padding=1, bias=False), nn.BatchNorm2d(cout), nn.ReLU(),
        nn.MaxPool2d(2), nn.Dropout2d(p))


class Net(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.features = nn.Sequential(block(3, 24, 0.05), block(24, 48, 0.1), block(48, 96, 0.1), block(96, 128, 0.1))
        self.classifier = nn.Linear(128, n)

    def forward(self, x):
        return self.classifier(self.features(x).mean((-2, -1)))


@torch.no_grad()
def evaluate(model, loader, accelerator):
    model.eval()
    losses, guesses, targets = [], [], []
    for x, y in loader:
        logits = model(x)
        losses.append(accelerator.gather_for_metrics(F.cross_entropy(logits, y, reduction="none")))
        g, t = accelerator.gather_for_metrics((logits.argmax(-1), y))
        guesses.append(g)
        targets.append(t)
    guesses, targets = torch.cat(guesses), torch.cat(targets)
    return torch.cat(losses).mean().item(), (guesses == targets).float().mean().item()


def main(args):
    accelerator = Accelerator(cpu=True)
    torch.manual_seed(args.seed)
    np.random.seed(args.seed)
    stats = T.Normalize([0.49, 0.48, 0.45], [0.25, 0.24, 0.26])
    train = datasets.ImageFolder(f"{args.data}/train", T.Compose([
        T.RandomHorizontalFlip(), T.RandomAffine(0, translate=(0.1, 0.1)), T.ToTensor(), stats]))
    val = datasets.ImageFolder(f"{args.data}/val", T.Compose([T.ToTensor(), stats]))
    train_loader = DataLoader(train, args.batch_size, shuffle=True)
    val_loader = DataLoader(val, 100)

    model = Net(len(train.classes))
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr, weight_decay=0.02)
    model, optimizer, train_loader, val_loader = accelerator.prepare(model, optimizer, train_loader, val_loader)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer.optimizer, args.lr, total_steps=args.epochs * len(train_loader))

    best, step = 0.0, 0
    model.train()
    for epoch in range(args.epochs):
        for x, y in train_loader:
            loss = F.cross_entropy(model(x), y)
            optimizer.zero_grad()
            accelerator.backward(loss)
            optimizer.step()
            scheduler.step()
            step += 1
            if step % args.log_every == 0:
                accelerator.print(f"[{epoch}:{step}] loss {loss.item():.4f} lr {scheduler.get_last_lr()[0]:.2e}")
            if step % args.eval_every == 0:
                val_loss, val_acc = evaluate(model, val_loader, accelerator)
                accelerator.print(f"[{epoch}:{step}] val loss {val_loss:.4f} val acc {val_acc:.4f}")
                if val_acc > best:
                    best = val_acc
                    accelerator.save(accelerator.unwrap_model(model).state_dict(), "acc_best.pt")


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("--data", default="photos")
    p.add_argument("--epochs", type=int, default=40)
    p.add_argument("--batch_size", type=int, default=24)
    p.add_argument("--lr", type=float, default=2e-3)
    p.add_argument("--eval_every", type=int, default=25)
    p.add_argument("--log_every", type=int, default=10)
    p.add_argument("--seed", type=int, default=2)
    main(p.parse_args())
