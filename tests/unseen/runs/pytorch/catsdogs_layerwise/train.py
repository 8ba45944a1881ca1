"""Cats and dogs from one flat folder (cat.12.jpg, dog.7.jpg); MobileNetV2 with smaller learning rates further down."""
import argparse
import math
import re
from pathlib import Path

import torch
import torch.nn as nn
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision import models, transforms

LABELS = {"cat": 0, "dog": 1}


class Flat(Dataset):
    def __init__(self, files, transform):
        self.files = files
        self.transform = transform

    def __len__(self):
        return len(self.files)

    def __getitem__(self, i):
        f = self.files[i]
        with Image.open(f) as img:
            x = self.transform(img.convert("RGB"))
        return x, LABELS[f.name.split(".")[0]]


def split(folder, part=0.2):
    """Every fifth number of either kind is for validation."""
    files = sorted(Path(folder).glob("*.jpg"))
    number = lambda f: int(re.search(r"\.(\d+)\.", f.name).group(1))
    step = round(1 / part)
    return [f for f in files if number(f) % step], [f for f in files if number(f) % step == 0]


def param_groups(net, lr, decay, wd):
    """One group a block; the head has lr, the block before it lr*decay, the one before that lr*decay**2 ..."""
    blocks = list(net.features.children())
    groups = [{"params": list(net.classifier.parameters()), "lr": lr}]
    for depth, block in enumerate(reversed(blocks), 1):
        groups.append({"params": list(block.parameters()), "lr": lr * decay ** depth})
    n = sum(len(g["params"]) for g in groups)
    assert n == len(list(net.parameters())), "a parameter was forgotten"
    return groups


def main():
    p = argparse.ArgumentParser()
    p.add_argument("folder", nargs="?", default="catsdogs/train")
    p.add_argument("--weights", default="weights/mobilenet_v2.pth")
    p.add_argument("--lr", type=float, default=1e-3)
    p.add_argument("--decay", type=float, default=0.85)
    p.add_argument("--epochs", type=int, default=25)
    p.add_argument("--warmup", type=int, default=2, help="epochs")
    p.add_argument("-b", type=int, default=32)
    a = p.parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    norm = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    train_tf = transforms.Compose([transforms.RandomResizedCrop(160, scale=(0.5, 1)), transforms.RandomHorizontalFlip(), transforms.ToTensor(), norm])
    val_tf = transforms.Compose([transforms.Resize(182), transforms.CenterCrop(160), transforms.ToTensor(), norm])
    train_files, val_files = split(a.folder)
    train = DataLoader(Flat(train_files, train_tf), a.b, shuffle=True, num_workers=2, drop_last=True)
    val = DataLoader(Flat(val_files, val_tf), a.b, num_workers=2)
    print(len(train_files), "train", len(val_files), "val")

    net = models.mobilenet_v2()
    net.load_state_dict(torch.load(a.weights, map_location="cpu"))
    net.classifier[1] = nn.Linear(net.last_channel, len(LABELS))
    net = net.to(device)

    opt = torch.optim.AdamW(param_groups(net, a.lr, a.decay, 0.01), lr=a.lr, weight_decay=0.01)

    def factor(epoch):
        if epoch < a.warmup:
            return (epoch + 1) / (a.warmup + 1)
        return 0.5 * (1 + math.cos(math.pi * (epoch - a.warmup) / (a.epochs - a.warmup)))

    sched = torch.optim.lr_scheduler.LambdaLR(opt, factor)
    loss_fn = nn.CrossEntropyLoss()
    for epoch in range(a.epochs):
        net.train()
        seen = total = 0
        for x, y in train:
            x, y = x.to(device), y.to(device)
            opt.zero_grad()
            loss = loss_fn(net(x), y)
            loss.backward()
            opt.step()
            total += loss.item() * len(y)
            seen += len(y)
        sched.step()
        net.eval()
        ok = 0
        with torch.no_grad():
            for x, y in val:
                ok += (net(x.to(device)).argmax(1).cpu() == y).sum().item()
        print(f"{epoch:2d} lr {opt.param_groups[0]['lr']:.2e} loss {total / seen:.4f} val {ok / len(val_files):.4f}")
    torch.save(net.state_dict(), "catsdogs_mnv2.pt")


if __name__ == "__main__":
    main()
