"""Fashion category classifier, LMDB input."""
import argparse

import timm
import torch
from timm.utils import AverageMeter
from torch import nn
from torch.utils.data import DataLoader

from data import FashionLMDB, build_transform

NUM_CLASSES = 46


def arguments():
    p = argparse.ArgumentParser()
    p.add_argument("--train-db", default="train.lmdb")
    p.add_argument("--val-db", default="val.lmdb")
    p.add_argument("--arch", default="resnet50.a1_in1k")
    p.add_argument("--epochs", type=int, default=20)
    p.add_argument("--batch", type=int, default=128)
    p.add_argument("--lr", type=float, default=3e-4)
    p.add_argument("--compile", action="store_true")
    return p.parse_args()


def evaluate(model, loader, device):
    model.eval()
    meter = AverageMeter()
    with torch.inference_mode():
        for images, labels in loader:
            logits = model(images.to(device, non_blocking=True))
            meter.update((logits.argmax(1) == labels.to(device)).float().mean(), len(labels))
    return float(meter.avg)


def main():
    args = arguments()
    torch.manual_seed(5)
    device = torch.device("cuda")

    train_set = FashionLMDB(args.train_db, build_transform(True))
    val_set = FashionLMDB(args.val_db, build_transform(False))
    assert train_set.n_classes == NUM_CLASSES
    common = dict(num_workers=12, pin_memory=True, persistent_workers=True)
    train = DataLoader(train_set, args.batch, shuffle=True, drop_last=True, **common)
    val = DataLoader(val_set, args.batch, shuffle=False, **common)

    model = timm.create_model(args.arch, pretrained=True, num_classes=NUM_CLASSES, drop_rate=0.1).to(device)
    step_model = torch.compile(model) if args.compile else model
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr, weight_decay=0.01)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=args.epochs * len(train))
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)

    best = 0.0
    for epoch in range(args.epochs):
        model.train()
        for images, labels in train:
            images = images.to(device, non_blocking=True)
            labels = labels.to(device, non_blocking=True)
            with torch.autocast("cuda", dtype=torch.bfloat16):
                loss = criterion(step_model(images), labels)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            scheduler.step()
        acc = evaluate(model, val, device)
        print(f"epoch {epoch + 1:>2}/{args.epochs}  val {acc:.4f}", flush=True)
        if acc > best:
            best = acc
            torch.save(model.state_dict(), "fashion.pt")


if __name__ == "__main__":
    main()
