# Faulty: N209, C327: the validation images go through the random training transform; the optimizer steps again after scaler.step
import argparse

import torch

from dataset import get_loaders
from engine import train_one_epoch, evaluate
from model import CrackNet


def main(args):
    torch.manual_seed(args.seed)
    device = torch.device("cuda")

    train_loader, val_loader = get_loaders(args.data_path, args.batch_size)
    model = CrackNet(num_classes=5).to(device)

    optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr, weight_decay=1e-2)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=args.epochs)
    scaler = torch.cuda.amp.GradScaler()

    best = 0.0
    if args.resume:
        ckpt = torch.load(args.resume, map_location=device)
        model.load_state_dict(ckpt["model"])
        optimizer.load_state_dict(ckpt["optimizer"])
        scheduler.load_state_dict(ckpt["scheduler"])
        args.start_epoch = ckpt["epoch"] + 1
        best = ckpt["best"]

    for epoch in range(args.start_epoch, args.epochs):
        loss = train_one_epoch(model, train_loader, optimizer, scaler, device)
        scheduler.step()
        acc = evaluate(model, val_loader, device)
        best = max(acc, best)
        print(f"Epoch {epoch}: loss={loss:.4f} val_acc={acc:.4f} best={best:.4f}")
        torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(),
                    "scheduler": scheduler.state_dict(), "epoch": epoch, "best": best}, "last.pt")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--data-path", default="./crack_patches")
    parser.add_argument("--batch-size", type=int, default=48)
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--start-epoch", type=int, default=0)
    parser.add_argument("--lr", type=float, default=2e-4)
    parser.add_argument("--seed", type=int, default=10)
    parser.add_argument("--resume", type=str, default="")
    main(parser.parse_args())
