# One folder, split at random; small network from scratch
import argparse

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, random_split
from torchvision import datasets, transforms

parser = argparse.ArgumentParser()
parser.add_argument("--folder", default="photos/train")
parser.add_argument("--size", type=int, default=96)
parser.add_argument("--epochs", type=int, default=60)
parser.add_argument("--batch", type=int, default=32)
parser.add_argument("--lr", type=float, default=1e-3)
opt = parser.parse_args()

MEAN, STD = [0.491, 0.484, 0.446], [0.240, 0.239, 0.258]
augment = transforms.Compose([
    transforms.RandomResizedCrop(opt.size, scale=(0.4, 1.0)),
    transforms.RandomHorizontalFlip(),
    transforms.ColorJitter(0.3, 0.3, 0.3),
    transforms.ToTensor(),
    transforms.Normalize(MEAN, STD),
])
plain = transforms.Compose([
    transforms.Resize(opt.size),
    transforms.CenterCrop(opt.size),
    transforms.ToTensor(),
    transforms.Normalize(MEAN, STD),
])


def get_sets(folder, part=0.15, seed=99):
    full = datasets.ImageFolder(folder, transform=augment)
    n_val = int(len(full) * part)
    train_set, val_set = random_split(full, [len(full) - n_val, n_val], generator=torch.Generator().manual_seed(seed))
    # no augmentation for the validation part
    val_set.dataset.transform = plain
    return train_set, val_set, full.classes


def conv(i, o):
    return nn.Sequential(nn.Conv2d(i, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU(inplace=True), nn.MaxPool2d(2))


def build(n):
    return nn.Sequential(conv(3, 32), conv(32, 64), conv(64, 128), conv(128, 256), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
                         nn.Dropout(0.3), nn.Linear(256, n))


def main():
    torch.manual_seed(0)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    train_set, val_set, classes = get_sets(opt.folder)
    train_loader = DataLoader(train_set, opt.batch, shuffle=True, num_workers=2, drop_last=True)
    val_loader = DataLoader(val_set, opt.batch, num_workers=2)
    net = build(len(classes)).to(device)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=opt.lr, weight_decay=1e-4)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=opt.epochs)
    for epoch in range(opt.epochs):
        net.train()
        total = 0.0
        for x, y in train_loader:
            x, y = x.to(device), y.to(device)
            optimizer.zero_grad()
            loss = criterion(net(x), y)
            loss.backward()
            optimizer.step()
            total += loss.item()
        scheduler.step()
        net.eval()
        hit = 0
        with torch.no_grad():
            for x, y in val_loader:
                hit += (net(x.to(device)).argmax(1).cpu() == y).sum().item()
        print(f"epoch {epoch + 1} loss {total / len(train_loader):.4f} val {hit / len(val_set):.4f}")


if __name__ == "__main__":
    main()
