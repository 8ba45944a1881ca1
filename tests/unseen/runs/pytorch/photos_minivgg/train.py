"""Ten kinds of photographs, small VGG-like network.  Logs to runs/photos_minivgg/log.csv"""
import csv
import os
import sys
import time

import torch
import torch.nn as nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

DATA = sys.argv[1] if len(sys.argv) > 1 else "photos"
OUT = "runs/photos_minivgg"
EPOCHS = 60
BATCH = 32
LR = 1e-3
os.makedirs(OUT, exist_ok=True)
torch.manual_seed(11)
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

normalize = transforms.Normalize([0.5] * 3, [0.5] * 3)
train_tf = transforms.Compose([
    transforms.Resize((112, 112)),
    transforms.RandomAffine(10, translate=(0.08, 0.08), scale=(0.9, 1.1)),
    transforms.RandomHorizontalFlip(),
    transforms.ToTensor(),
    normalize,
])
val_tf = transforms.Compose([transforms.Resize((112, 112)), transforms.ToTensor(), normalize])
train_set = datasets.ImageFolder(os.path.join(DATA, "train"), train_tf)
val_set = datasets.ImageFolder(os.path.join(DATA, "val"), val_tf)
train_loader = DataLoader(train_set, BATCH, shuffle=True, num_workers=2, drop_last=True)
val_loader = DataLoader(val_set, BATCH, num_workers=2)


def make_layers(spec):
    layers, c = [], 3
    for v in spec:
        if v == "M":
            layers.append(nn.MaxPool2d(2))
        else:
            layers += [nn.Conv2d(c, v, 3, padding=1, bias=False), nn.BatchNorm2d(v), nn.ReLU(inplace=True)]
            c = v
    return nn.Sequential(*layers)


class MiniVGG(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.features = make_layers([32, "M", 64, "M", 128, 128, "M", 256, "M"])
        self.classifier = nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Dropout(0.5), nn.Linear(1024, n))

    def forward(self, x):
        return self.classifier(self.features(x))


class Log:
    def __init__(self, path, fields):
        self.f = open(path, "w", newline="")
        self.w = csv.writer(self.f)
        self.w.writerow(fields)

    def add(self, *values):
        self.w.writerow([f"{v:.5g}" if isinstance(v, float) else v for v in values])
        self.f.flush()
        print(*[f"{v:.4f}" if isinstance(v, float) else v for v in values])


@torch.no_grad()
def evaluate(net, loader):
    net.eval()
    loss = right = 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        out = net(x)
        loss += nn.functional.cross_entropy(out, y, reduction="sum").item()
        right += (out.argmax(1) == y).sum().item()
    return loss / len(loader.dataset), right / len(loader.dataset)


net = MiniVGG(len(train_set.classes)).to(device)
optimizer = torch.optim.Adam(net.parameters(), lr=LR, weight_decay=1e-4)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=25, gamma=0.2)
criterion = nn.CrossEntropyLoss()
log = Log(os.path.join(OUT, "log.csv"), ["epoch", "seconds", "loss", "val_loss", "val_acc"])

net.train()
best = 0.0
for epoch in range(EPOCHS):
    start, total = time.time(), 0.0
    for x, y in train_loader:
        x, y = x.to(device), y.to(device)
        optimizer.zero_grad()
        loss = criterion(net(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item()
    scheduler.step()
    val_loss, val_acc = evaluate(net, val_loader)
    log.add(epoch, time.time() - start, total / len(train_loader), val_loss, val_acc)
    if val_acc >= best:
        best = val_acc
        torch.save(net.state_dict(), os.path.join(OUT, "best.pt"))
