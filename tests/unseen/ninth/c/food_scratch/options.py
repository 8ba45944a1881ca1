"""Option groups that the programs of this folder share (used through argparse's `parents`)."""
import argparse


def data_options():
    p = argparse.ArgumentParser(add_help=False)
    g = p.add_argument_group("data")
    g.add_argument("--root", default="./data", help="where Food-101 lies or will be put")
    g.add_argument("-j", "--workers", type=int, default=10)
    g.add_argument("-b", "--batch-size", type=int, default=256)
    g.add_argument("--crop", type=int, default=224)
    g.add_argument("--resize", type=int, default=256)
    return p


def net_options():
    p = argparse.ArgumentParser(add_help=False)
    g = p.add_argument_group("network")
    g.add_argument("--arch", default="convnext_tiny")
    g.add_argument("--num-classes", type=int, default=101)
    return p


def run_options():
    p = argparse.ArgumentParser(add_help=False)
    g = p.add_argument_group("run")
    table = {
        "epochs": (int, 90),
        "lr": (float, 0.1),
        "momentum": (float, 0.9),
        "weight-decay": (float, 1e-4),
        "step-size": (int, 30),
        "gamma": (float, 0.1),
        "seed": (int, 3407),
    }
    for name, (kind, value) in table.items():
        g.add_argument("--" + name, type=kind, default=value, help="(%(default)s)")
    g.add_argument("--save", default="food.pt")
    return p
