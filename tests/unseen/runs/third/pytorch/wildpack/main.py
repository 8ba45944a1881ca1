"""python main.py --config config.yaml [--epochs N]"""
import argparse
import logging
import math
import random
from pathlib import Path

import numpy as np
import torch
import yaml

from wild.data import build_loaders
from wild.engine import evaluate, log, train_epoch
from wild.model import SENet


def parse():
    ap = argparse.ArgumentParser()
    ap.add_argument("--config", type=Path, default=Path(__file__).with_name("config.yaml"))
    ap.add_argument("--epochs", type=int)
    args = ap.parse_args()
    path = args.config if args.config.exists() else Path(__file__).with_name(args.config.name)
    cfg = yaml.safe_load(path.read_text())
    if args.epochs:
        cfg["optim"]["epochs"] = args.epochs
    return cfg


def split_decay(net):
    """No weight decay on biases and norms."""
    decay = [p for p in net.parameters() if p.ndim > 1]
    plain = [p for p in net.parameters() if p.ndim <= 1]
    return decay, plain


def main():
    cfg = parse()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    for seed in (random.seed, np.random.seed, torch.manual_seed):
        seed(cfg["seed"])
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    out = Path(cfg["output"])
    out.mkdir(parents=True, exist_ok=True)

    train_loader, val_loader, classes = build_loaders(cfg["data"])
    log.info("%d train, %d val, classes %s", len(train_loader.dataset), len(val_loader.dataset), classes)
    net = SENet(len(classes), **cfg["model"]).to(device)
    log.info("%.2f M parameters", sum(p.numel() for p in net.parameters()) / 1e6)

    o = cfg["optim"]
    decay, plain = split_decay(net)
    optimizer = getattr(torch.optim, o["name"])(
        [{"params": decay, "weight_decay": o["weight_decay"]}, {"params": plain, "weight_decay": 0.0}], lr=o["lr"])
    per_epoch = len(train_loader)
    warm, total = o["warmup_epochs"] * per_epoch, o["epochs"] * per_epoch

    def factor(step):
        if step < warm:
            return (step + 1) / warm
        return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, total - warm)))

    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)

    best = 0.0
    for epoch in range(1, o["epochs"] + 1):
        loss, acc, secs = train_epoch(net, train_loader, optimizer, scheduler, device, o["clip"])
        val_loss, val_acc, per_class = evaluate(net, val_loader, device, classes)
        log.info("epoch %d: train %.3f/%.3f val %.3f/%.3f (%.0f s)", epoch, loss, acc, val_loss, val_acc, secs)
        log.info("  " + "  ".join(f"{c} {a:.2f}" for c, a in per_class.items()))
        state = {"net": net.state_dict(), "optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict(),
                 "epoch": epoch, "classes": classes}
        torch.save(state, out / "last.pt")
        if val_acc > best:
            best = val_acc
            torch.save(state, out / "best.pt")
    log.info("best %.3f", best)


if __name__ == "__main__":
    main()
