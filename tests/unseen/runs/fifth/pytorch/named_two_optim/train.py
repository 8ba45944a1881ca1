import glob
import os
import random

import torch
import torch.nn.functional as F
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms as T

ROOT, SIZE, EPOCHS, BATCH = "named", 48, 70, 32


class Named(Dataset):
    def __init__(self, files, names, tf):
        self.files, self.names, self.tf = files, names, tf

    def __len__(self):
        return len(self.files)

    def __getitem__(self, i):
        f = self.files[i]
        name = os.path.basename(f).split(".")[0]
        return self.tf(Image.open(f).convert("RGB")), self.names.index(name)


def conv(i, o, s=1):
    return nn.Sequential(nn.Conv2d(i, o, 3, s, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU(True))


class Net(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.backbone = nn.Sequential(conv(3, 32), conv(32, 64, 2), conv(64, 64), conv(64, 128, 2), conv(128, 128))
        self.head = nn.Sequential(nn.Linear(128, 64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, classes))

    def forward(self, x):
        return self.head(F.adaptive_avg_pool2d(self.backbone(x), 1).flatten(1))


def main():
    random.seed(1)
    torch.manual_seed(1)
    files = sorted(glob.glob(f"{ROOT}/*.jpg"))
    names = sorted({os.path.basename(f).split(".")[0] for f in files})
    random.shuffle(files)
    k = int(len(files) * 0.85)
    norm = T.Normalize([0.5, 0.5, 0.5], [0.25, 0.25, 0.25])
    train_tf = T.Compose([T.RandomHorizontalFlip(), T.RandomResizedCrop(SIZE, (0.6, 1.0)), T.ToTensor(), norm])
    test_tf = T.Compose([T.ToTensor(), norm])
    train_dl = DataLoader(Named(files[:k], names, train_tf), BATCH, shuffle=True, drop_last=True)
    val_dl = DataLoader(Named(files[k:], names, test_tf), 60)

    net = Net(len(names))
    opt_backbone = torch.optim.SGD(net.backbone.parameters(), lr=0.02, momentum=0.9, weight_decay=5e-4)
    opt_head = torch.optim.Adam(net.head.parameters(), lr=1e-3)
    schedulers = [torch.optim.lr_scheduler.CosineAnnealingLR(o, EPOCHS) for o in (opt_backbone, opt_head)]
    criterion = nn.CrossEntropyLoss()

    for epoch in range(EPOCHS):
        net.train()
        total = correct = seen = 0
        for x, y in train_dl:
            opt_head.zero_grad()
            out = net(x)
            loss = criterion(out, y)
            loss.backward()
            opt_backbone.step()
            opt_head.step()
            total += loss.item() * len(y)
            correct += (out.argmax(1) == y).sum().item()
            seen += len(y)
        for s in schedulers:
            s.step()
        net.eval()
        ok = 0
        with torch.no_grad():
            for x, y in val_dl:
                ok += (net(x).argmax(1) == y).sum().item()
        print(f"{epoch:3d} loss {total / seen:.4f} train {correct / seen:.3f} val {ok / len(val_dl.dataset):.3f}", flush=True)


if __name__ == "__main__":
    main()
