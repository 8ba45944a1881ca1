import argparse
import json
import math
import os
import time

import torch
import torch.nn.functional as F
from accelerate import Accelerator
from accelerate.logging import get_logger
from accelerate.utils import ProjectConfiguration, set_seed
from torch.utils.data import DataLoader

from batches import Batches, class_names
from wide import WideNet

logger = get_logger(__name__)


def parse_args():
    p = argparse.ArgumentParser()
    p.add_argument("--data", default="batches")
    p.add_argument("--epochs", type=int, default=80)
    p.add_argument("--micro-batch", type=int, default=32)
    p.add_argument("--accumulate", type=int, default=4, help="micro batches per update")
    p.add_argument("--lr", type=float, default=0.1)
    p.add_argument("--momentum", type=float, default=0.9)
    p.add_argument("--weight-decay", type=float, default=5e-4)
    p.add_argument("--clip", type=float, default=5.0)
    p.add_argument("--out", default="runs/wide")
    p.add_argument("--seed", type=int, default=1)
    return p.parse_args()


def evaluate(model, loader, accelerator):
    model.eval()
    hits, losses, seen = 0, 0.0, 0
    with torch.no_grad():
        for x, y in loader:
            logits, y = accelerator.gather_for_metrics((model(x), y))
            losses += F.cross_entropy(logits, y, reduction="sum").item()
            hits += (logits.argmax(dim=1) == y).sum().item()
            seen += len(y)
    return losses / seen, hits / seen


def train_epoch(model, loader, optimizer, scheduler, accelerator, clip, log_every=20):
    model.train()
    total, seen, t = 0.0, 0, time.time()
    for step, (x, y) in enumerate(loader):
        with accelerator.accumulate(model):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x), y)
            accelerator.backward(loss)
            if accelerator.sync_gradients:
                accelerator.clip_grad_norm_(model.parameters(), clip)
            optimizer.step()
            scheduler.step()
        total += loss.detach().item() * len(y)
        seen += len(y)
        if step % log_every == 0:
            accelerator.print(
                f"  {step:4d}/{len(loader)} loss {total / seen:.4f} lr {scheduler.get_last_lr()[0]:.5f} "
                f"{(time.time() - t) / (step + 1):.2f} s"
            )
    return total / seen


def main():
    args = parse_args()
    accelerator = Accelerator(
        cpu=True,
        gradient_accumulation_steps=args.accumulate,
        project_config=ProjectConfiguration(project_dir=args.out, automatic_checkpoint_naming=True, total_limit=2),
    )
    set_seed(args.seed)
    os.makedirs(args.out, exist_ok=True)

    names = class_names(args.data)
    train_set, test_set = Batches(args.data, True), Batches(args.data, False)
    train_loader = DataLoader(train_set, batch_size=args.micro_batch, shuffle=True, drop_last=True)
    test_loader = DataLoader(test_set, batch_size=100)

    model = WideNet(len(names))
    optimizer = torch.optim.SGD(
        model.parameters(), lr=args.lr, momentum=args.momentum, weight_decay=args.weight_decay, nesterov=True
    )
    updates = math.ceil(len(train_loader) / args.accumulate) * args.epochs
    warm = max(1, updates // 20)
    scheduler = torch.optim.lr_scheduler.SequentialLR(
        optimizer,
        [
            torch.optim.lr_scheduler.LinearLR(optimizer, 0.1, 1.0, total_iters=warm),
            torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, updates - warm),
        ],
        milestones=[warm],
    )
    model, optimizer, train_loader, test_loader, scheduler = accelerator.prepare(
        model, optimizer, train_loader, test_loader, scheduler
    )
    accelerator.print(
        f"{len(train_set)} + {len(test_set)} pictures, effective batch {args.micro_batch * args.accumulate}, {updates} updates"
    )

    best, history = 0.0, []
    for epoch in range(args.epochs):
        train_loss = train_epoch(model, train_loader, optimizer, scheduler, accelerator, args.clip)
        test_loss, accuracy = evaluate(model, test_loader, accelerator)
        history.append(dict(epoch=epoch, train_loss=train_loss, test_loss=test_loss, accuracy=accuracy))
        accelerator.print(f"epoch {epoch}: train {train_loss:.4f} test {test_loss:.4f} accuracy {accuracy:.4f}")
        if accuracy > best:
            best = accuracy
            accelerator.save(accelerator.unwrap_model(model).state_dict(), os.path.join(args.out, "best.pt"))
        if epoch % 10 == 9:
            accelerator.save_state()
        with open(os.path.join(args.out, "history.json"), "w") as f:
            json.dump(history, f, indent=1)
    accelerator.print("best accuracy", best)


if __name__ == "__main__":
    main()
