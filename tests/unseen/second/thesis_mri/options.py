# Faulty: C328: --augment is declared with type=bool, so "--augment False" still switches the augmentation on.
"""Command line of the experiments in chapter 5.

Table 5.2 (ablation) was produced with
    python train.py --augment True
    python train.py --augment False
"""
import argparse


def parse(argv=None):
    p = argparse.ArgumentParser("Brain MRI, four tumour classes")
    p.add_argument("--data", default="mri")
    p.add_argument("--out", default="runs/ch5")
    p.add_argument("--epochs", type=int, default=90)
    p.add_argument("--batch-size", type=int, default=48)
    p.add_argument("--lr", type=float, default=0.02)
    p.add_argument("--momentum", type=float, default=0.9)
    p.add_argument("--wd", type=float, default=1e-4)
    p.add_argument("--milestones", type=int, nargs="+", default=[45, 70])
    p.add_argument("--augment", type=bool, default=True)  # fault: C328
    p.add_argument("--seed", type=int, default=501)
    return p.parse_args(argv)
