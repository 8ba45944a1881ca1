"""Five-way animal/truck classifier on files called <class>.<number>.jpg"""
import argparse
import glob
import os
import random

import torch
import torch.nn as nn
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms as T
from torchvision.models import resnet18

CLASSES = ["cat", "deer", "dog", "frog", "truck"]
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]

train_tf = T.Compose([
    T.RandomCrop(64, padding=6),
    T.RandomHorizontalFlip(),
    T.ColorJitter(0.2, 0.2, 0.2),
    T.ToTensor(),
    T.Normalize(MEAN, STD),
])
eval_tf = T.Compose([T.Resize((64, 64)), T.ToTensor(), T.Normalize(MEAN, STD)])


class NamedFiles(Dataset):
    def __init__(self, root, part, transform, val_share=0.2):
        files = sorted(glob.glob(os.path.join(root, "*.jpg")))
        random.shuffle(files)
        cut = int(len(files) * (1 - val_share))
        self.files = files[:cut] if part == "train" else files[cut:]
        self.transform = transform

    def __len__(self):
        return len(self.files)

    def __getitem__(self, i):
        path = self.files[i]
        label = CLASSES.index(os.path.basename(path).split(".")[0])
        return self.transform(Image.open(path).convert("RGB")), label


def run_epoch(net, loader, loss_fn, device, opt=None):
    net.train(opt is not None)
    total, right, seen = 0.0, 0, 0
    with torch.set_grad_enabled(opt is not None):
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            out = net(x)
            loss = loss_fn(out, y)
            if opt is not None:
                opt.zero_grad()
                loss.backward()
                opt.step()
            total += loss.item() * len(y)
            right += (out.argmax(1) == y).sum().item()
            seen += len(y)
    return total / seen, right / seen


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--root", default="named")
    ap.add_argument("--epochs", type=int, default=60)
    ap.add_argument("--bs", type=int, default=32)
    ap.add_argument("--lr", type=float, default=0.02)
    ap.add_argument("--seed", type=int, default=1)
    args = ap.parse_args()
    random.seed(args.seed)
    torch.manual_seed(args.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"

    train_set = NamedFiles(args.root, "train", train_tf)
    val_set = NamedFiles(args.root, "val", eval_tf)
    print(f"{len(train_set)} training and {len(val_set)} validation pictures")
    train_dl = DataLoader(train_set, args.bs, shuffle=True, drop_last=True)
    val_dl = DataLoader(val_set, args.bs * 2)

    net = resnet18(num_classes=len(CLASSES)).to(device)
    loss_fn = nn.CrossEntropyLoss()
    opt = torch.optim.SGD(net.parameters(), lr=args.lr, momentum=0.9, weight_decay=5e-4)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, args.epochs)

    best = 0.0
    for epoch in range(args.epochs):
        tl, ta = run_epoch(net, train_dl, loss_fn, device, opt)
        vl, va = run_epoch(net, val_dl, loss_fn, device)
        sched.step()
        print(f"{epoch:3d} train {tl:.3f} {ta:.3f}  val {vl:.3f} {va:.3f}")
        if va > best:
            best = va
            torch.save(net.state_dict(), "named_best.pt")


if __name__ == "__main__":
    main()
