import argparse

import h5py
import numpy as np
import torch
from torch import nn, optim
from torch.utils.data import DataLoader, Dataset


class H5Pictures(Dataset):
    def __init__(self, path, split, train=False):
        with h5py.File(path, "r") as f:
            self.images = f[f"{split}/images"][:]
            self.labels = f[f"{split}/labels"][:].astype(np.int64)
        self.train = train

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        img = self.images[i]
        if self.train:
            if torch.rand(()) < 0.5:
                img = img[:, ::-1]
            dy, dx = torch.randint(-4, 5, (2,)).tolist()
            img = np.roll(img, (dy, dx), axis=(0, 1))
        t = torch.from_numpy(np.ascontiguousarray(img)).permute(2, 0, 1).float().div_(255)
        return (t - 0.47) / 0.25, self.labels[i]


def conv_bn(cin, cout, k, stride=1):
    return nn.Sequential(nn.Conv2d(cin, cout, k, stride, k // 2, bias=False), nn.BatchNorm2d(cout), nn.ReLU())


class MultiScale(nn.Module):
    """The same input seen with several kernel sizes, joined by a 1x1 convolution."""

    def __init__(self, cin, cout, kernels=(1, 3, 5)):
        super().__init__()
        self.reduce = conv_bn(cin, cout // 2, 1)
        self.paths = [conv_bn(cout // 2, cout // 2, k) for k in kernels]
        self.merge = conv_bn(len(kernels) * (cout // 2), cout, 1)

    def forward(self, x):
        x = self.reduce(x)
        return self.merge(torch.cat([p(x) for p in self.paths], dim=1))


class MultiScaleNet(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.stem = conv_bn(3, 24, 3)
        self.stages = nn.ModuleList([MultiScale(24, 48), MultiScale(48, 96), MultiScale(96, 128)])
        self.pool = nn.MaxPool2d(2)
        self.head = nn.Linear(128, classes)

    def forward(self, x):
        x = self.pool(self.stem(x))
        for stage in self.stages:
            x = self.pool(stage(x))
        return self.head(x.mean((-2, -1)))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--h5", default="pics.h5")
    p.add_argument("--epochs", type=int, default=50)
    p.add_argument("--batch-size", type=int, default=40)
    p.add_argument("--lr", type=float, default=0.03)
    args = p.parse_args()

    torch.manual_seed(8)
    train = DataLoader(H5Pictures(args.h5, "train", True), args.batch_size, shuffle=True, drop_last=True)
    val = DataLoader(H5Pictures(args.h5, "val"), 100)
    model = MultiScaleNet(10)
    print(f"{sum(p.numel() for p in model.parameters()) / 1e3:.1f}k parameters")
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(model.parameters(), lr=args.lr, momentum=0.9, weight_decay=5e-4)
    scheduler = optim.lr_scheduler.MultiStepLR(optimizer, [25, 40], gamma=0.1)

    for epoch in range(args.epochs):
        model.train()
        for i, (inputs, labels) in enumerate(train):
            optimizer.zero_grad()
            loss = criterion(model(inputs), labels)
            loss.backward()
            optimizer.step()
            if i % 10 == 0:
                print(f"  {epoch} {i}/{len(train)} {loss.item():.3f}", flush=True)
        scheduler.step()
        model.eval()
        hits = 0
        with torch.no_grad():
            for inputs, labels in val:
                hits += model(inputs).argmax(1).eq(labels).sum().item()
        print(f"Epoch {epoch}: val accuracy {100 * hits / len(val.dataset):.2f}%", flush=True)


if __name__ == "__main__":
    main()
