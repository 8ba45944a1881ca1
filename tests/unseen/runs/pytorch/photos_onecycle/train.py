import argparse
import os
import time

import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, models, transforms

try:
    from torch.utils.tensorboard import SummaryWriter
except ImportError:
    SummaryWriter = None


class NullWriter:
    def add_scalar(self, *a):
        pass

    def close(self):
        pass


def get_parser():
    parser = argparse.ArgumentParser(description="ResNet-18 from scratch with the one-cycle policy")
    parser.add_argument("--data", type=str, default="photos", help="folder with train/ and val/")
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--max-lr", type=float, default=0.05)
    parser.add_argument("--weight-decay", type=float, default=5e-4)
    parser.add_argument("--logdir", type=str, default="runs/onecycle")
    parser.add_argument("--img", type=int, default=128)
    return parser


def make_loader(folder, tf, bs, train):
    ds = datasets.ImageFolder(folder, transform=tf)
    return DataLoader(ds, batch_size=bs, shuffle=train, drop_last=train, num_workers=2, persistent_workers=True)


def main():
    args = get_parser().parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    normalize = transforms.Normalize(mean=[0.491, 0.484, 0.446], std=[0.240, 0.239, 0.258])   # of photos/train
    train_loader = make_loader(os.path.join(args.data, "train"), transforms.Compose([
        transforms.Resize(args.img + 16),
        transforms.RandomCrop(args.img),
        transforms.RandomHorizontalFlip(),
        transforms.ToTensor(),
        normalize,
        transforms.RandomErasing(p=0.2),
    ]), args.batch_size, True)
    val_loader = make_loader(os.path.join(args.data, "val"), transforms.Compose([
        transforms.Resize(args.img + 16),
        transforms.CenterCrop(args.img),
        transforms.ToTensor(),
        normalize,
    ]), args.batch_size, False)

    model = models.resnet18(weights=None, num_classes=len(train_loader.dataset.classes)).to(device)
    criterion = nn.CrossEntropyLoss()
    # lr given here is only a place holder, OneCycleLR sets it before the first step
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-4, momentum=0.95, weight_decay=args.weight_decay)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=args.max_lr, epochs=args.epochs,
                                                    steps_per_epoch=len(train_loader), pct_start=0.3)
    writer = SummaryWriter(args.logdir) if SummaryWriter else NullWriter()

    it, best = 0, 0.0
    for epoch in range(args.epochs):
        tic = time.time()
        model.train()
        for x, y in train_loader:
            x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
            optimizer.zero_grad(set_to_none=True)
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            scheduler.step()
            writer.add_scalar("train/loss", loss.item(), it)
            writer.add_scalar("train/lr", scheduler.get_last_lr()[0], it)
            it += 1

        model.eval()
        top1 = count = 0
        with torch.no_grad():
            for x, y in val_loader:
                pred = model(x.to(device)).argmax(dim=1).cpu()
                top1 += int((pred == y).sum())
                count += y.numel()
        acc = top1 / count
        writer.add_scalar("val/acc", acc, epoch)
        print("epoch {:3d} | val acc {:.4f} | {:.1f} s".format(epoch, acc, time.time() - tic))
        if acc > best:
            best = acc
            torch.save({"epoch": epoch, "state_dict": model.state_dict(), "acc": acc}, "onecycle_best.pth")
    writer.close()


if __name__ == "__main__":
    main()
