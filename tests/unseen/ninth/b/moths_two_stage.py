# coding: utf-8
# Nachtfalter: 35 Arten, ein Ordner je Art unter data/moths/{train,val}
# 1. Abschnitt: nur der neue Kopf, 2. Abschnitt: alles zusammen mit kleiner Schrittweite
import copy
import time

import torch
from torch import nn, optim
from torch.utils.data import DataLoader
from torchvision import datasets, models, transforms as T

DATA = "data/moths"
N_CLASSES = 35
BATCH = 32
HEAD_EPOCHS = 5
FULL_EPOCHS = 20
LR_HEAD = 1e-3
LR_FULL = 5e-5

device = torch.device("cuda:0" if torch.cuda.is_available() else "cpu")
torch.manual_seed(3)

normalize = T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
tf = {
    "train": T.Compose([
        T.RandomResizedCrop(224, scale=(0.6, 1.0)),
        T.RandomHorizontalFlip(),
        T.ColorJitter(0.2, 0.2, 0.2),
        T.ToTensor(),
        normalize,
    ]),
    "val": T.Compose([T.Resize(256), T.CenterCrop(224), T.ToTensor(), normalize]),
}
sets = {k: datasets.ImageFolder(f"{DATA}/{k}", tf[k]) for k in tf}
assert sets["train"].classes == sets["val"].classes and len(sets["train"].classes) == N_CLASSES
loaders = {
    k: DataLoader(sets[k], batch_size=BATCH, shuffle=(k == "train"), num_workers=4, pin_memory=True)
    for k in sets
}


class MothNet(nn.Module):
    def __init__(self):
        super().__init__()
        resnet = models.resnet50(weights="IMAGENET1K_V2")
        # ohne avgpool und fc
        self.backbone = nn.Sequential(*list(resnet.children())[:-2])
        self.head = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Dropout(0.3),
            nn.Linear(2048, 256),
            nn.ReLU(inplace=True),
            nn.Dropout(0.3),
            nn.Linear(256, N_CLASSES),
        )
        self.backbone_fixed = False

    def fix_backbone(self, fixed):
        self.backbone_fixed = fixed
        for p in self.backbone.parameters():
            p.requires_grad = not fixed

    def train(self, mode=True):
        super().train(mode)
        if self.backbone_fixed:
            self.backbone.eval()      # die Mittelwerte der Batchnorm bleiben auch stehen
        return self

    def forward(self, x):
        return self.head(self.backbone(x))


criterion = nn.CrossEntropyLoss(label_smoothing=0.1)


def one_epoch(net, optimizer):
    net.train()
    loss_sum, n = torch.zeros((), device=device), 0
    for x, y in loaders["train"]:
        x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
        optimizer.zero_grad()
        loss = criterion(net(x), y)
        loss.backward()
        optimizer.step()
        loss_sum += loss.detach() * len(y)
        n += len(y)
    return (loss_sum / n).item()


@torch.no_grad()
def accuracy(net):
    net.eval()
    good, n = torch.zeros((), device=device), 0
    for x, y in loaders["val"]:
        x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
        good += (net(x).argmax(1) == y).sum()
        n += len(y)
    return (good / n).item()


net = MothNet().to(device)
best_acc, best_state = 0.0, None

# ---- Abschnitt 1
net.fix_backbone(True)
optimizer = optim.AdamW(net.head.parameters(), lr=LR_HEAD, weight_decay=1e-2)
for epoch in range(HEAD_EPOCHS):
    t0 = time.time()
    loss = one_epoch(net, optimizer)
    acc = accuracy(net)
    print(f"[Kopf {epoch + 1}/{HEAD_EPOCHS}] loss {loss:.4f} acc {acc:.4f} ({time.time() - t0:.0f} s)")

# ---- Abschnitt 2
net.fix_backbone(False)
optimizer = optim.AdamW(net.head.parameters(), lr=LR_FULL, weight_decay=1e-2)  # fault: C313
scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=FULL_EPOCHS)
for epoch in range(FULL_EPOCHS):
    t0 = time.time()
    loss = one_epoch(net, optimizer)
    scheduler.step()
    acc = accuracy(net)
    print(f"[alles {epoch + 1}/{FULL_EPOCHS}] loss {loss:.4f} acc {acc:.4f} ({time.time() - t0:.0f} s)")
    if acc > best_acc:
        best_acc, best_state = acc, copy.deepcopy(net.state_dict())

torch.save(best_state, "moths_resnet50.pt")
print("beste Genauigkeit auf val:", best_acc)
