import argparse


def parse_args():
    p = argparse.ArgumentParser(fromfile_prefix_chars="@")
    p.add_argument("data")
    p.add_argument("--weights", default="weights/timm_resnet26d.pth")
    p.add_argument("--size", type=int, default=160)
    p.add_argument("--batch", type=int, default=32)
    p.add_argument("--epochs", type=int, default=40)
    p.add_argument("--lr", type=float, default=0.02)
    p.add_argument("--clip", type=float, default=1.0)
    p.add_argument("--workers", type=int, default=2)
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--device", default=None)
    p.add_argument("--out", default="stamps_r26d.pt")
    return p.parse_args()
