"""Bean leaf diseases with a compiled ResNet-50.

    python beans.py --epochs 20 --lr 2e-4
    python beans.py --init-from beans_best.pt --lr 5e-5 --out beans_second.pt
"""
import torch
from torch import nn

from config import Config
from data import build_loaders
from engine import accuracy, train_one_epoch
from modeling import build_model


def main():
    cfg = Config.from_cli()
    print(cfg)
    torch.manual_seed(cfg.seed)
    torch.set_float32_matmul_precision("high")
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    loaders = build_loaders(cfg)
    model = build_model(cfg).to(device)
    # `net` shares its parameters with `model`; files are written from `model`, whose names have no prefix
    net = torch.compile(model) if cfg.compile else model

    criterion = nn.CrossEntropyLoss(label_smoothing=cfg.label_smoothing)
    optimizer = torch.optim.AdamW(model.parameters(), lr=cfg.lr, weight_decay=cfg.weight_decay)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=cfg.epochs * len(loaders["train"]))

    best = -1.0
    for epoch in range(cfg.epochs):
        loss = train_one_epoch(net, loaders["train"], criterion, optimizer, scheduler, device)
        val = accuracy(net, loaders["validation"], device)
        print(f"epoch {epoch:2d}  loss {loss:.4f}  val {val:.4f}", flush=True)
        if val > best:
            best = val
            torch.save({"model": model.state_dict(), "epoch": epoch}, cfg.out)

    model.load_state_dict(torch.load(cfg.out, map_location=device, weights_only=True)["model"])
    print(f"best val {best:.4f}, test {accuracy(net, loaders['test'], device):.4f}")


if __name__ == "__main__":
    main()
