import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset


def idx_images(path):
    raw = np.fromfile(path, dtype=np.uint8)
    n, h, w = raw[4:16].view(">i4")
    return raw[16:].reshape(n, 1, h, w)


def idx_labels(path):
    return np.fromfile(path, dtype=np.uint8)[8:].astype("int64")


def dataset(folder, stem):
    x = torch.tensor(idx_images(os.path.join(folder, stem + "-images.idx3-ubyte")), dtype=torch.float32) / 255
    y = torch.tensor(idx_labels(os.path.join(folder, stem + "-labels.idx1-ubyte")))
    return TensorDataset((x - 0.2860) / 0.3530, y)


class LeNetPlus(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 5, padding=2)
        self.conv2 = nn.Conv2d(32, 64, 5, padding=2)
        self.conv3 = nn.Conv2d(64, 64, 3, padding=1)
        self.drop = nn.Dropout(0.25)
        self.fc1 = nn.Linear(64 * 7 * 7, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = self.drop(F.relu(self.conv3(x)).flatten(1))
        x = F.relu(self.fc1(x))
        return F.log_softmax(self.fc2(x), dim=1)


def train(model, device, loader, optimizer, epoch, log_interval=15):
    model.train()
    for batch_idx, (data, target) in enumerate(loader):
        data, target = data.to(device), target.to(device)
        optimizer.zero_grad()
        output = model(data)
        loss = F.nll_loss(output, target)
        loss.backward()
        optimizer.step()
        if batch_idx % log_interval == 0:
            print(f"Train epoch {epoch} [{batch_idx * len(data)}/{len(loader.dataset)}] loss {loss.item():.5f}")


def test(model, device, loader):
    model.eval()
    loss, scores = 0.0, []
    with torch.no_grad():
        for data, target in loader:
            data, target = data.to(device), target.to(device)
            output = model(data)
            loss += F.nll_loss(output, target, reduction="sum").item()
            _, pred = output.topk(1, dim=1)
            scores.append((pred == target).float().mean() * len(target))
    n = len(loader.dataset)
    accuracy = sum(scores).item() / n
    print(f"Test: average loss {loss / n:.4f}, accuracy {100 * accuracy:.1f}%")
    return accuracy


if __name__ == "__main__":
    torch.manual_seed(99)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    train_loader = DataLoader(dataset("idx", "train"), batch_size=64, shuffle=True)
    test_loader = DataLoader(dataset("idx", "t10k"), batch_size=200)
    model = LeNetPlus().to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.95)
    best = 0
    for epoch in range(1, 51):
        train(model, device, train_loader, optimizer, epoch)
        acc = test(model, device, test_loader)
        scheduler.step()
        if acc > best:
            best = acc
            torch.save(model.state_dict(), "fashion_lenet.pt")
