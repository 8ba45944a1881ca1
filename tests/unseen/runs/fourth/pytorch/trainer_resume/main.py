"""Vehicles. Continue an earlier run with --resume PATH/last.pt."""
import argparse
import random

import numpy as np
import torch

from engine import Trainer
from network import build_network
from vehicles import make_loaders


def main():
    ap = argparse.ArgumentParser(formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    ap.add_argument("--data", default="vehicles")
    ap.add_argument("--out", default="runs/vehicles")
    ap.add_argument("--resume", default=None)
    ap.add_argument("--epochs", type=int, default=40, help="length of the whole schedule")
    ap.add_argument("--stop-after", type=int, default=None, help="leave after so many epochs of this call")
    ap.add_argument("--batch-size", type=int, default=24)
    ap.add_argument("--lr", type=float, default=0.04)
    ap.add_argument("--momentum", type=float, default=0.9)
    ap.add_argument("--weight-decay", type=float, default=1e-3)
    ap.add_argument("--clip", type=float, default=2.0)
    ap.add_argument("--smoothing", type=float, default=0.1)
    ap.add_argument("--seed", type=int, default=17)
    args = ap.parse_args()

    random.seed(args.seed)
    np.random.seed(args.seed)
    torch.manual_seed(args.seed)

    train_loader, valid_loader, classes = make_loaders(args.data, args.batch_size)
    trainer = Trainer(build_network(len(classes)), train_loader, valid_loader, args, classes)
    if args.resume:
        trainer.resume(args.resume)
    trainer.fit()


if __name__ == "__main__":
    main()
