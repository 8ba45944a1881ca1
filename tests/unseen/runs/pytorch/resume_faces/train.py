"""Fine-tune a ResNet-50 on a folder of faces. Start again with the same command: it goes on from --resume."""
import argparse
import os
import time

import torch
import torch.nn as nn
from torchvision import datasets, models, transforms

parser = argparse.ArgumentParser(description="face identification, ResNet-50")
parser.add_argument("--data", default="faces")
parser.add_argument("--lr", type=float, default=0.01)
parser.add_argument("--epochs", type=int, default=60)
parser.add_argument("--batch", type=int, default=32)
parser.add_argument("--classes", type=int, default=80)
parser.add_argument("--workers", type=int, default=2)
parser.add_argument("--backbone", default="../weights/resnet50.pth", help="ImageNet weights")
parser.add_argument("--resume", default="ckpt/last.pth")


def loaders(args):
    norm = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    train_ds = datasets.ImageFolder(os.path.join(args.data, "train"), transforms.Compose([
        transforms.RandomResizedCrop(224, scale=(0.4, 1.0)),
        transforms.RandomHorizontalFlip(),
        transforms.ToTensor(),
        norm,
    ]))
    val_ds = datasets.ImageFolder(os.path.join(args.data, "val"), transforms.Compose([
        transforms.Resize(256),
        transforms.CenterCrop(224),
        transforms.ToTensor(),
        norm,
    ]))
    train_dl = torch.utils.data.DataLoader(train_ds, args.batch, shuffle=True, num_workers=args.workers,
                                           pin_memory=torch.cuda.is_available(), drop_last=True)
    val_dl = torch.utils.data.DataLoader(val_ds, args.batch, num_workers=args.workers)
    return train_dl, val_dl


def build(args):
    net = models.resnet50(weights=None)
    net.load_state_dict(torch.load(args.backbone, map_location="cpu"))
    net.fc = nn.Linear(net.fc.in_features, args.classes)
    return net


def run_epoch(net, loader, criterion, optimizer, device):
    net.train()
    total, seen = 0.0, 0
    for x, y in loader:
        x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
        loss = criterion(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        seen += len(y)
    return total / seen


@torch.no_grad()
def validate(net, loader, device):
    net.eval()
    hit = 0
    for x, y in loader:
        hit += (net(x.to(device)).argmax(1).cpu() == y).sum().item()
    return hit / len(loader.dataset)


def main():
    args = parser.parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    train_dl, val_dl = loaders(args)
    net = build(args).to(device)
    criterion = nn.CrossEntropyLoss().to(device)
    optimizer = torch.optim.SGD(net.parameters(), args.lr, momentum=0.9, weight_decay=1e-4)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=10, gamma=0.3)

    start, best = 0, 0.0
    if args.resume and os.path.isfile(args.resume):
        state = torch.load(args.resume, map_location=device)
        start = state["epoch"]
        best = state["best"]
        net.load_state_dict(state["model"])
        print(f"=> resumed {args.resume} (epoch {start}, best {best:.3f})")

    for epoch in range(start, args.epochs):
        t0 = time.time()
        loss = run_epoch(net, train_dl, criterion, optimizer, device)
        scheduler.step()
        acc = validate(net, val_dl, device)
        best = max(best, acc)
        os.makedirs(os.path.dirname(args.resume) or ".", exist_ok=True)
        torch.save({"epoch": epoch + 1, "model": net.state_dict(), "best": best}, args.resume)
        print(f"epoch {epoch:3d}  loss {loss:.4f}  val acc {acc:.4f}  best {best:.4f}  {time.time() - t0:.0f}s")


if __name__ == "__main__":
    main()
