import argparse
import contextlib
import logging

import timm
import torch
from torch.utils.data import DataLoader

from data import CocoClasses

log = logging.getLogger("coco")


@contextlib.contextmanager
def inference(model):
    """no gradients and evaluation mode inside, whatever it was before outside"""
    model.eval()
    before = {m: m.training for m in model.modules()}
    try:
        with torch.no_grad():
            yield model
    finally:
        for m, mode in before.items():
            m.training = mode


def evaluate(model, loader, limit=None):
    hit = n = 0
    with inference(model) as net:
        for k, (x, y) in enumerate(loader):
            if limit is not None and k >= limit:
                break
            hit += (net(x).argmax(1) == y).sum().item()
            n += len(y)
    return hit / n


def train(args):
    torch.manual_seed(args.seed)
    train_set, val_set = CocoClasses(args.data, "train", True), CocoClasses(args.data, "val", False)
    assert train_set.names == val_set.names
    train_loader = DataLoader(train_set, batch_size=args.batch, shuffle=True, drop_last=True)
    val_loader = DataLoader(val_set, batch_size=100)

    model = timm.create_model("resnet10t", pretrained=False, num_classes=len(train_set.names), drop_rate=0.2)
    decay, rest = [], []
    for p in model.parameters():
        (decay if p.ndim > 1 else rest).append(p)
    opt = torch.optim.AdamW([dict(params=decay, weight_decay=0.05), dict(params=rest, weight_decay=0.0)], lr=args.lr)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, args.epochs * len(train_loader))

    model.train()
    # a few batches first, so that a broken validation shows before hours of training
    log.info("check before training: %.3f", evaluate(model, val_loader, limit=2))
    best = 0.0
    for epoch in range(args.epochs):
        total = 0.0
        for x, y in train_loader:
            loss = torch.nn.functional.cross_entropy(model(x), y)
            opt.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 10.0)
            opt.step()
            sched.step()
            total += loss.item()
        acc = evaluate(model, val_loader)
        best = max(best, acc)
        log.info("epoch %d loss %.4f val %.4f best %.4f", epoch, total / len(train_loader), acc, best)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    ap = argparse.ArgumentParser()
    ap.add_argument("--data", default="coco")
    ap.add_argument("--epochs", type=int, default=60)
    ap.add_argument("--batch", type=int, default=32)
    ap.add_argument("--lr", type=float, default=1e-3)
    ap.add_argument("--seed", type=int, default=9)
    train(ap.parse_args())
