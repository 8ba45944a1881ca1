import argparse
import struct

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from torchvision.transforms import v2


def read_idx(path):
    with open(path, "rb") as f:
        _, dims = struct.unpack(">HH", f.read(4))
        dims &= 0xFF
        shape = struct.unpack(">" + "I" * dims, f.read(4 * dims))
        return np.frombuffer(f.read(), dtype=np.uint8).reshape(shape)


def load(folder, prefix):
    x = read_idx(f"{folder}/{prefix}-images-idx3-ubyte").astype("float32") / 255.0
    y = read_idx(f"{folder}/{prefix}-labels-idx1-ubyte").astype("int64")
    x = (x - 0.286) / 0.353
    return TensorDataset(torch.from_numpy(x)[:, None], torch.from_numpy(y))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 3, padding=1)
        self.conv2 = nn.Conv2d(32, 64, 3, padding=1)
        self.conv3 = nn.Conv2d(64, 64, 3, padding=1)
        self.norms = nn.ModuleList([nn.BatchNorm2d(32), nn.BatchNorm2d(64), nn.BatchNorm2d(64)])
        self.pool = nn.MaxPool2d(2)
        self.head = nn.Sequential(nn.Linear(64 * 9, 128), nn.ReLU(), nn.Dropout(0.3), nn.Linear(128, 10))
        self.out = nn.Softmax(dim=1)

    def forward(self, x):
        for conv, norm in zip((self.conv1, self.conv2, self.conv3), self.norms):
            x = self.pool(torch.relu(norm(conv(x))))
        return self.out(self.head(x.flatten(1)))


def run_epoch(model, loader, loss_fn, opt=None, augment=None):
    training = opt is not None
    model.train(training)
    loss_sum = correct = n = 0
    with torch.set_grad_enabled(training):
        for x, y in loader:
            if augment is not None:
                x = torch.stack([augment(i) for i in x])
            scores = model(x)
            loss = loss_fn(scores, y)
            if training:
                opt.zero_grad()
                loss.backward()
                opt.step()
            loss_sum += loss.item() * len(y)
            correct += (scores.max(1).indices == y).sum().item()
            n += len(y)
    return loss_sum / n, correct / n


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--data", default="fashion")
    ap.add_argument("--epochs", type=int, default=40)
    ap.add_argument("--lr", type=float, default=1e-3)
    a = ap.parse_args()
    torch.manual_seed(0)
    train_dl = DataLoader(load(a.data, "train"), batch_size=64, shuffle=True)
    test_dl = DataLoader(load(a.data, "t10k"), batch_size=200)
    augment = v2.Compose([v2.RandomHorizontalFlip(), v2.RandomAffine(5, translate=(0.07, 0.07), fill=-0.81)])
    model = Net()
    loss_fn = nn.NLLLoss()
    opt = torch.optim.Adam(model.parameters(), lr=a.lr)
    sched = torch.optim.lr_scheduler.StepLR(opt, step_size=15, gamma=0.3)
    for epoch in range(1, a.epochs + 1):
        tl, ta = run_epoch(model, train_dl, loss_fn, opt, augment)
        vl, va = run_epoch(model, test_dl, loss_fn)
        sched.step()
        print(f"{epoch:02d}  train {tl:.4f}/{ta:.3f}   test {vl:.4f}/{va:.3f}", flush=True)
