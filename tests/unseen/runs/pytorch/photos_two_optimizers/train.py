"""Pretrained trunk with SGD, new head with Adam; the trunk waits for the first two epochs."""
import os

import torch
import torch.nn as nn
from torch.utils.data import DataLoader
from torchvision import datasets, models, transforms


class Cfg:
    data, weights = "photos", "weights/resnet18.pth"
    epochs, warm, batch = 30, 2, 32
    lr_trunk, lr_head = 2e-3, 1e-3


def data(cfg):
    norm = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    a = transforms.Compose([transforms.RandomResizedCrop(128, scale=(0.5, 1)), transforms.RandomHorizontalFlip(), transforms.ToTensor(), norm])
    b = transforms.Compose([transforms.Resize(146), transforms.CenterCrop(128), transforms.ToTensor(), norm])
    train = datasets.ImageFolder(os.path.join(cfg.data, "train"), a)
    val = datasets.ImageFolder(os.path.join(cfg.data, "val"), b)
    return DataLoader(train, cfg.batch, shuffle=True, num_workers=2, drop_last=True), DataLoader(val, cfg.batch, num_workers=2), len(train.classes)


class Net(nn.Module):
    def __init__(self, weights, n):
        super().__init__()
        r = models.resnet18(weights=None)
        r.load_state_dict(torch.load(weights, map_location="cpu"))
        self.trunk = nn.Sequential(*list(r.children())[:-1], nn.Flatten())
        self.head = nn.Sequential(nn.Dropout(0.3), nn.Linear(512, n))

    def forward(self, x):
        return self.head(self.trunk(x))


def main(cfg=Cfg):
    torch.manual_seed(6)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    train, val, n = data(cfg)
    net = Net(cfg.weights, n).to(device)
    opt_trunk = torch.optim.SGD(net.trunk.parameters(), lr=cfg.lr_trunk, momentum=0.9, weight_decay=1e-4)
    opt_head = torch.optim.Adam(net.head.parameters(), lr=cfg.lr_head)
    plans = [torch.optim.lr_scheduler.CosineAnnealingLR(o, cfg.epochs) for o in (opt_trunk, opt_head)]
    loss_fn = nn.CrossEntropyLoss()

    for epoch in range(cfg.epochs):
        waiting = epoch < cfg.warm
        net.train()
        if waiting:
            net.trunk.eval()
        for p in net.trunk.parameters():
            p.requires_grad_(not waiting)
        total = torch.zeros((), device=device)
        for x, y in train:
            x, y = x.to(device), y.to(device)
            loss = loss_fn(net(x), y)
            net.zero_grad()
            loss.backward()
            opt_head.step()
            if not waiting:
                opt_trunk.step()
            total += loss.detach()
        for plan in plans:
            plan.step()
        net.eval()
        good = 0
        with torch.no_grad():
            for x, y in val:
                good += (net(x.to(device)).argmax(1).cpu() == y).sum().item()
        print(f"epoch {epoch} {'head only ' if waiting else ''}loss {total.item() / len(train):.4f} val {good / len(val.dataset):.4f}")


if __name__ == "__main__":
    main()
