import json
import os
import sys
import time

import torch
from accelerate import Accelerator
from accelerate.utils import set_seed
from torch import nn
from torch.utils.data import DataLoader
from torchvision.models import mobilenet_v2

from config import Config
from frames import Frames, read_table, split


@torch.no_grad()
def evaluate(accelerator, model, loader, n_classes):
    model.eval()
    confusion = torch.zeros(n_classes, n_classes, dtype=torch.long)
    loss_sum, count = 0.0, 0
    for batch in loader:
        logits = model(batch["image"])
        loss = nn.functional.cross_entropy(logits, batch["target"], reduction="none")
        pred, target, loss = accelerator.gather_for_metrics((logits.argmax(1), batch["target"], loss))
        loss_sum += loss.sum().item()
        count += len(target)
        for t, p in zip(target.tolist(), pred.tolist()):
            confusion[t, p] += 1
    recall = confusion.diag().float() / confusion.sum(1).clamp(min=1)
    return loss_sum / count, confusion.diag().sum().item() / count, recall.tolist()


def main():
    cfg = Config.from_args(sys.argv[1:])
    accelerator = Accelerator()
    set_seed(cfg.seed)

    table, categories = read_table(cfg.csv, cfg.balance, cfg.seed)
    train_df, val_df = split(table, cfg.val_share, cfg.seed)
    accelerator.print(f"{len(train_df)} training and {len(val_df)} validation frames of {len(categories)} categories")
    accelerator.print(train_df["category"].value_counts().to_dict())

    train_loader = DataLoader(Frames(train_df, cfg.images, cfg.size, True), cfg.batch_size, shuffle=True,
                              num_workers=cfg.workers, drop_last=True)
    val_loader = DataLoader(Frames(val_df, cfg.images, cfg.size, False), 2 * cfg.batch_size, num_workers=cfg.workers)

    model = mobilenet_v2(num_classes=len(categories), width_mult=cfg.width, dropout=0.2)
    optimizer = torch.optim.AdamW(model.parameters(), lr=cfg.lr, weight_decay=cfg.weight_decay)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=4 * cfg.lr, total_steps=cfg.epochs * len(train_loader), pct_start=0.2)
    criterion = nn.CrossEntropyLoss()

    model, optimizer, train_loader, val_loader, scheduler = accelerator.prepare(
        model, optimizer, train_loader, val_loader, scheduler)

    os.makedirs(cfg.out, exist_ok=True)
    history, best = [], 0.0
    for epoch in range(1, cfg.epochs + 1):
        start, running, seen = time.time(), 0.0, 0
        model.train()
        for step, batch in enumerate(train_loader):
            logits = model(batch["image"])
            loss = criterion(logits, batch["target"])
            optimizer.zero_grad()
            accelerator.backward(loss)
            accelerator.clip_grad_norm_(model.parameters(), 5.0)
            optimizer.step()
            scheduler.step()
            running += loss.item() * len(logits)
            seen += len(logits)
            if step % 10 == 0:
                accelerator.print(f"  {epoch}:{step}/{len(train_loader)} loss {running / seen:.4f} lr {scheduler.get_last_lr()[0]:.2e}")

        val_loss, val_acc, recall = evaluate(accelerator, model, val_loader, len(categories))
        history.append({"epoch": epoch, "train_loss": running / seen, "val_loss": val_loss, "val_acc": val_acc,
                        "recall": dict(zip(categories, recall))})
        accelerator.print(f"epoch {epoch}: train {running / seen:.4f}  val {val_loss:.4f}  acc {val_acc:.3f}  "
                          f"recall {[round(r, 2) for r in recall]}  ({time.time() - start:.0f} s)")
        if accelerator.is_main_process:
            with open(os.path.join(cfg.out, "history.json"), "w") as f:
                json.dump(history, f, indent=1)
            if val_acc > best:
                best = val_acc
                accelerator.save(accelerator.unwrap_model(model).state_dict(), os.path.join(cfg.out, "best.pt"))
    accelerator.print(f"best validation accuracy {best:.3f}")


if __name__ == "__main__":
    main()
