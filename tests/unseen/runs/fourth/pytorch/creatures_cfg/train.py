import argparse
import logging
from pathlib import Path

import torch
import yaml

from vision import build_loaders, build_model, build_optimizer, Runner


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", default="resnet18_creatures.yaml", help="a file, or the name of one beside this program")
    parser.add_argument("--opts", nargs="*", default=[], help="overrides as section.key=value")
    args = parser.parse_args()

    path = Path(args.config)
    if not path.exists():
        path = Path(__file__).resolve().parent / args.config
    with open(path) as f:
        cfg = yaml.safe_load(f)
    for item in args.opts:
        key, value = item.split("=", 1)
        section, name = key.split(".")
        cfg[section][name] = yaml.safe_load(value)

    logging.basicConfig(level=logging.INFO, format="[%(levelname).1s %(asctime)s %(name)s] %(message)s")
    torch.manual_seed(cfg["run"]["seed"])

    train_loader, val_loader = build_loaders(cfg["data"])
    model = build_model(cfg["model"])
    optimizer, scheduler = build_optimizer(cfg["optim"], model, cfg["run"]["epochs"], len(train_loader))
    Runner(cfg["run"], model, optimizer, scheduler, train_loader, val_loader).fit()


if __name__ == "__main__":
    main()
