#!/usr/bin/env python
# Plankton and small sea animals, 12 groups; only the last layer of a ResNet-50 is trained.
# accelerate launch --num_processes 1 acc_marine.py --data marine/ --out runs/marine1
import argparse
import json
import os

import torch
from accelerate import Accelerator
from accelerate.utils import set_seed
from torch import nn
from torch.utils.data import DataLoader
from torchmetrics.classification import MulticlassAccuracy
from torchvision import models
from torchvision import transforms as tf
from torchvision.datasets import ImageFolder
from tqdm.auto import tqdm


def parse():
    p = argparse.ArgumentParser()
    p.add_argument("--data", required=True, help="folder with train/ and val/")
    p.add_argument("--out", default="runs/marine")
    p.add_argument("--epochs", type=int, default=12)
    p.add_argument("--batch_size", type=int, default=32)
    p.add_argument("--lr", type=float, default=1e-3)
    p.add_argument("--workers", type=int, default=8)
    p.add_argument("--seed", type=int, default=2024)
    return p.parse_args()


def build_model(num_classes):
    model = models.resnet50(weights=models.ResNet50_Weights.IMAGENET1K_V1)
    for p in model.parameters():
        p.requires_grad_(False)
    model.fc = nn.Linear(2048, num_classes)
    return model


def build_data(args):
    normalize = tf.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    tr = ImageFolder(os.path.join(args.data, "train"), tf.Compose([
        tf.RandomResizedCrop(224, scale=(0.7, 1.0)),
        tf.RandomHorizontalFlip(),
        tf.RandomVerticalFlip(),
        tf.ToTensor(),
        normalize,
    ]))
    va = ImageFolder(os.path.join(args.data, "val"), tf.Compose([
        tf.Resize(256),
        tf.CenterCrop(224),
        tf.ToTensor(),
        normalize,
    ]))
    if tr.classes != va.classes:
        raise SystemExit("train/ and val/ have different groups")
    if len(tr.classes) != 12:
        raise SystemExit(f"expected 12 groups, found {len(tr.classes)}")
    kw = dict(batch_size=args.batch_size, num_workers=args.workers, pin_memory=True)
    return DataLoader(tr, shuffle=True, drop_last=True, **kw), DataLoader(va, shuffle=False, **kw), tr.classes


def main():
    args = parse()
    accelerator = Accelerator(mixed_precision="bf16")
    set_seed(args.seed)
    train_dl, val_dl, classes = build_data(args)

    model = build_model(12)
    trainable = [p for p in model.parameters() if p.requires_grad]
    accelerator.print(f"{sum(p.numel() for p in trainable):,} weights to train")
    optimizer = torch.optim.Adam(trainable, lr=args.lr)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=4, gamma=0.3)
    loss_fn = nn.CrossEntropyLoss()

    model, optimizer, train_dl, val_dl = accelerator.prepare(model, optimizer, train_dl, val_dl)
    acc = MulticlassAccuracy(num_classes=12, average="micro").to(accelerator.device)
    per_class = MulticlassAccuracy(num_classes=12, average=None).to(accelerator.device)

    history = []
    for epoch in range(args.epochs):
        model.train()  # fault: C334
        loss_sum = torch.zeros((), device=accelerator.device)
        for x, y in tqdm(train_dl, disable=not accelerator.is_local_main_process, leave=False):
            optimizer.zero_grad()
            loss = loss_fn(model(x), y)
            accelerator.backward(loss)
            optimizer.step()
            loss_sum += loss.detach()
        scheduler.step()

        model.eval()
        acc.reset()
        per_class.reset()
        with torch.no_grad():
            for x, y in val_dl:
                out, ref = accelerator.gather_for_metrics((model(x), y))
                acc.update(out.float(), ref)
                per_class.update(out.float(), ref)
        row = {"epoch": epoch, "loss": loss_sum.item() / len(train_dl), "val_acc": acc.compute().item()}
        history.append(row)
        accelerator.print(row)

    for name, value in zip(classes, per_class.compute().tolist()):
        accelerator.print(f"   {name:20s}{value:.3f}")
    if accelerator.is_main_process:
        os.makedirs(args.out, exist_ok=True)
        with open(os.path.join(args.out, "history.json"), "w") as f:
            json.dump(history, f, indent=1)
        torch.save(accelerator.unwrap_model(model).state_dict(), os.path.join(args.out, "last.pt"))


if __name__ == "__main__":
    main()
