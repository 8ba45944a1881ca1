"""Embedding network with running class centres (research code, single file data).

usage: python main.py --data arrays/tiny8.npz --exp runs/proto
"""
import argparse
import json
import logging
import os
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

from model import ProtoNet

logger = logging.getLogger()


class Batches:
    """Shuffled mini-batches straight from arrays, without workers."""

    def __init__(self, images, labels, batch_size, train, mean=None, std=None):
        self.images = torch.from_numpy(images).permute(0, 3, 1, 2).contiguous()
        self.labels = torch.from_numpy(labels).long()
        self.batch_size, self.train = batch_size, train
        data = self.images.float() / 255.0
        self.mean = data.mean((0, 2, 3)).view(1, 3, 1, 1) if mean is None else mean
        self.std = data.std((0, 2, 3)).view(1, 3, 1, 1) if std is None else std

    def __len__(self):
        n = len(self.labels)
        return n // self.batch_size if self.train else -(-n // self.batch_size)

    def augment(self, x):
        n, _, h, w = x.shape
        x = torch.where(torch.rand(n, 1, 1, 1) < 0.5, x.flip(3), x)
        padded = F.pad(x, (4, 4, 4, 4), mode="reflect")
        rows, cols = torch.randint(0, 9, (n,)), torch.randint(0, 9, (n,))
        return torch.stack([padded[i, :, r:r + h, c:c + w] for i, (r, c) in enumerate(zip(rows, cols))])

    def __iter__(self):
        order = torch.randperm(len(self.labels)) if self.train else torch.arange(len(self.labels))
        for k in range(len(self)):
            idx = order[k * self.batch_size:(k + 1) * self.batch_size]
            x = (self.images[idx].float() / 255.0 - self.mean) / self.std
            yield (self.augment(x) if self.train else x), self.labels[idx]


def setup_logging(folder):
    os.makedirs(folder, exist_ok=True)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s | %(message)s",
                        handlers=[logging.StreamHandler(sys.stdout), logging.FileHandler(os.path.join(folder, "log.txt"))])


def train_one_epoch(model, batches, optimizer, epoch, args):
    model.train()
    loss_sum = correct = count = 0
    start = time.time()
    for it, (x, y) in enumerate(batches):
        x, y = x.to(args.device), y.to(args.device)
        logits, _ = model(x, y)
        loss = F.cross_entropy(logits, y, label_smoothing=args.smoothing)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), args.clip)
        optimizer.step()

        loss_sum += loss.item() * y.numel()
        correct += (logits.argmax(1) == y).sum().item()
        count += y.numel()
        if it % args.log_every == 0:
            logger.info(f"[{epoch:03d}][{it:03d}/{len(batches)}] loss {loss_sum / count:.4f} acc {correct / count:.4f} "
                        f"{(time.time() - start) / (it + 1):.2f}s/it")
    return loss_sum / count, correct / count


@torch.no_grad()
def evaluate(model, batches, args):
    model.eval()
    loss_sum = correct = near = count = 0
    for x, y in batches:
        x, y = x.to(args.device), y.to(args.device)
        logits, z = model(x)
        loss_sum += F.cross_entropy(logits, y, reduction="sum").item()
        correct += (logits.argmax(1) == y).sum().item()
        near += (model.nearest_centre(z) == y).sum().item()
        count += y.numel()
    return loss_sum / count, correct / count, near / count


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", default="arrays/tiny8.npz")
    parser.add_argument("--exp", default="runs/proto")
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--batch-size", type=int, default=40)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--wd", type=float, default=5e-2)
    parser.add_argument("--dim", type=int, default=128)
    parser.add_argument("--smoothing", type=float, default=0.05)
    parser.add_argument("--clip", type=float, default=5.0)
    parser.add_argument("--log-every", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    args.device = "cuda" if torch.cuda.is_available() else "cpu"

    torch.manual_seed(args.seed)
    np.random.seed(args.seed)
    setup_logging(args.exp)
    logger.info(json.dumps(vars(args)))

    raw = np.load(args.data)
    train = Batches(raw["x_train"], raw["y_train"], args.batch_size, train=True)
    val = Batches(raw["x_val"], raw["y_val"], args.batch_size * 2, train=False, mean=train.mean, std=train.std)
    num_classes = len(raw["names"])

    model = ProtoNet(num_classes, dim=args.dim).to(args.device)
    logger.info(f"{sum(p.numel() for p in model.parameters())} parameters, {len(train)} steps an epoch")
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr, weight_decay=args.wd)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=args.epochs)

    best = 0.0
    for epoch in range(args.epochs):
        loss, acc = train_one_epoch(model, train, optimizer, epoch, args)
        val_loss, val_acc, near_acc = evaluate(model, val, args)
        scheduler.step()
        logger.info(f"epoch {epoch}: train {loss:.4f}/{acc:.4f} val {val_loss:.4f}/{val_acc:.4f} centres {near_acc:.4f}")
        if val_acc > best:
            best = val_acc
            torch.save(model.state_dict(), os.path.join(args.exp, "best.pt"))
    logger.info(f"best accuracy {best:.4f}")


if __name__ == "__main__":
    main()
