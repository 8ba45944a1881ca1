"""Topics of rubber stamps.  The classes are far from equal (28 ... 198 pictures), so the loss is weighted."""
import os
from collections import Counter

import torch
import torch.nn as nn
from PIL import Image
from torch.utils.data import DataLoader
from torchvision import models, transforms
from torchvision.datasets import ImageFolder

ROOT = "stamps"
SIZE = 192
BATCH = 32
EPOCHS = 40
LR = 3e-4


def on_white(path):
    """PNG with alpha -> RGB on white paper (convert('RGB') alone would show what is under the transparent part)"""
    with Image.open(path) as im:
        im = im.convert("RGBA")
        paper = Image.new("RGB", im.size, (255, 255, 255))
        paper.paste(im, mask=im.getchannel("A"))
    return paper


class Square:
    def __call__(self, im):
        side = max(im.size)
        out = Image.new("RGB", (side, side), (255, 255, 255))
        out.paste(im, ((side - im.width) // 2, (side - im.height) // 2))
        return out


def tf(train):
    steps = [Square()]
    if train:
        steps += [transforms.RandomAffine(15, translate=(0.1, 0.1), scale=(0.85, 1.1), fill=255),
                  transforms.RandomHorizontalFlip(), transforms.ColorJitter(0.2, 0.2, 0.2)]
    steps += [transforms.Resize((SIZE, SIZE)), transforms.ToTensor(),
              transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])]
    return transforms.Compose(steps)


def class_weights(targets, n, power=0.5):
    """Softened inverse frequency, mean 1 over the training pictures."""
    count = Counter(targets)
    w = torch.tensor([count[c] ** -power for c in range(n)])
    mean = sum(w[t] for t in targets) / len(targets)
    return w / mean


def per_class(conf):
    return conf.diag() / conf.sum(1).clamp(min=1)


def main():
    torch.manual_seed(5)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    train_set = ImageFolder(os.path.join(ROOT, "train"), tf(True), loader=on_white)
    val_set = ImageFolder(os.path.join(ROOT, "val"), tf(False), loader=on_white)
    assert train_set.classes == val_set.classes
    n = len(train_set.classes)
    train_loader = DataLoader(train_set, BATCH, shuffle=True, num_workers=2, drop_last=True)
    val_loader = DataLoader(val_set, BATCH, num_workers=2)

    net = models.resnet18(weights=None)
    net.load_state_dict(torch.load("weights/resnet18.pth", map_location="cpu"))
    net.fc = nn.Linear(net.fc.in_features, n)
    net.to(device)

    weights = class_weights(train_set.targets, n)
    print({c: round(w.item(), 2) for c, w in zip(train_set.classes, weights)})
    criterion = nn.CrossEntropyLoss(weight=weights.to(device))
    opt = torch.optim.AdamW(net.parameters(), lr=LR, weight_decay=0.05)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS)

    for epoch in range(EPOCHS):
        net.train()
        losses = []
        for x, y in train_loader:
            x, y = x.to(device), y.to(device)
            opt.zero_grad()
            loss = criterion(net(x), y)
            loss.backward()
            opt.step()
            losses.append(loss.item())
        sched.step()

        net.eval()
        conf = torch.zeros(n, n)
        with torch.no_grad():
            for x, y in val_loader:
                p = net(x.to(device)).argmax(1).cpu()
                for t, q in zip(y, p):
                    conf[t, q] += 1
        recall = per_class(conf)
        print(f"{epoch:2d} loss {sum(losses) / len(losses):.4f}  acc {conf.diag().sum() / conf.sum():.4f}  balanced {recall.mean():.4f}")
    torch.save(net.state_dict(), "stamps_r18.pt")


if __name__ == "__main__":
    main()
