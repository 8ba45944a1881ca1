"""LeNet-like network for the idx files of Fashion-MNIST, read without torchvision.datasets."""
import argparse
import os
import struct

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.utils.data import DataLoader, Dataset, Subset


def load_idx(path):
    with open(path, "rb") as f:
        zero, kind, ndim = struct.unpack(">HBB", f.read(4))
        shape = struct.unpack(">" + "I" * ndim, f.read(4 * ndim))
        return np.frombuffer(f.read(), dtype=np.uint8).reshape(shape)


class Idx(Dataset):
    def __init__(self, images, labels, train):
        self.images = torch.tensor(load_idx(images)).unsqueeze(1)      # uint8, N x 1 x 28 x 28
        self.labels = torch.tensor(load_idx(labels), dtype=torch.long)
        self.train = train

    def __getitem__(self, i):
        x = self.images[i].float() / 255
        if self.train and torch.rand(()) < 0.5:
            x = x.flip(2)
        return (x - 0.2860) / 0.3530, self.labels[i]

    def __len__(self):
        return len(self.labels)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 3, 1)
        self.conv2 = nn.Conv2d(32, 64, 3, 1)
        self.drop1 = nn.Dropout(0.25)
        self.drop2 = nn.Dropout(0.5)
        self.fc1 = nn.Linear(9216, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.relu(self.conv2(x))
        x = self.drop1(F.max_pool2d(x, 2)).flatten(1)
        x = self.drop2(F.relu(self.fc1(x)))
        return F.log_softmax(self.fc2(x), dim=1)


def train(args, model, device, loader, optimizer, epoch):
    model.train()
    for i, (data, target) in enumerate(loader):
        data, target = data.to(device), target.to(device)
        optimizer.zero_grad()
        loss = F.nll_loss(model(data), target)
        loss.backward()
        optimizer.step()
        if i % args.log_interval == 0:
            print(f"epoch {epoch} [{i}/{len(loader)}] loss {loss.item():.4f}")


def check(model, device, loader, what):
    model.eval()
    loss, correct = 0.0, 0
    with torch.no_grad():
        for data, target in loader:
            data, target = data.to(device), target.to(device)
            logp = model(data)
            loss += F.nll_loss(logp, target, reduction="sum").item()
            correct += logp.argmax(1).eq(target).sum().item()
    n = len(loader.dataset)
    print(f"{what}: loss {loss / n:.4f}, accuracy {correct}/{n} ({100 * correct / n:.1f}%)")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", default="fashion/FashionMNIST/raw")
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--log-interval", type=int, default=20)
    args = parser.parse_args()
    torch.manual_seed(1)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    r = args.root
    names = os.path.join(r, "train-images-idx3-ubyte"), os.path.join(r, "train-labels-idx1-ubyte")
    augmented, plain = Idx(*names, train=True), Idx(*names, train=False)
    order = torch.randperm(len(plain), generator=torch.Generator().manual_seed(7)).tolist()
    cut = len(order) * 9 // 10
    test_set = Idx(os.path.join(r, "t10k-images-idx3-ubyte"), os.path.join(r, "t10k-labels-idx1-ubyte"), train=False)
    train_loader = DataLoader(Subset(augmented, order[:cut]), args.batch_size, shuffle=True)
    val_loader = DataLoader(Subset(plain, order[cut:]), 500)
    model = Net().to(device)
    optimizer = optim.Adam(model.parameters(), lr=args.lr)
    scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=10, gamma=0.3)
    for epoch in range(1, args.epochs + 1):
        train(args, model, device, train_loader, optimizer, epoch)
        check(model, device, val_loader, "validation")
        scheduler.step()
    check(model, device, DataLoader(test_set, 500), "test")


if __name__ == "__main__":
    main()
