"""Fashion-MNIST from one .npz; gradients of several small batches are added up before a step."""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

cfg = dict(file="fashion.npz", batch=32, accumulate=4, epochs=30, lr=0.05, momentum=0.9, wd=1e-4, seed=8)
torch.manual_seed(cfg["seed"])
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")


def arrays(split):
    with np.load(cfg["file"]) as z:
        x = torch.from_numpy(z["x_" + split]).float().unsqueeze(1) / 255
        y = torch.from_numpy(z["y_" + split]).long()
    return (x - 0.286) / 0.353, y


x, y = arrays("train")
order = torch.randperm(len(x))
x, y = x[order], y[order]
cut = int(0.9 * len(x))
train_loader = DataLoader(TensorDataset(x[:cut], y[:cut]), batch_size=cfg["batch"], shuffle=True, drop_last=True)
val_loader = DataLoader(TensorDataset(x[cut:], y[cut:]), batch_size=256)


class Stepper:
    """Counts backward passes and lets the optimizer step after every `accumulate` of them."""

    def __init__(self, optimizer, accumulate):
        self.optimizer = optimizer
        self.accumulate = accumulate
        self.count = 0
        self.optimizer.zero_grad()

    def backward(self, loss):
        (loss / self.accumulate).backward()
        self.count += 1
        if self.count == self.accumulate:
            self.optimizer.step()
            self.count = 0


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(1, 32, 3, padding=1)
        self.c2 = nn.Conv2d(32, 64, 3, padding=1)
        self.b1, self.b2 = nn.BatchNorm2d(32), nn.BatchNorm2d(64)
        self.fc1 = nn.Linear(64 * 49, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.b1(self.c1(x))), 2)
        x = F.max_pool2d(F.relu(self.b2(self.c2(x))), 2)
        x = F.dropout(F.relu(self.fc1(x.flatten(1))), 0.3, self.training)
        return self.fc2(x)


net = Net().to(device)
optimizer = torch.optim.SGD(net.parameters(), lr=cfg["lr"], momentum=cfg["momentum"], weight_decay=cfg["wd"])
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, cfg["epochs"])
stepper = Stepper(optimizer, cfg["accumulate"])

for epoch in range(cfg["epochs"]):
    net.train()
    running = 0.0
    for xb, yb in train_loader:
        loss = F.cross_entropy(net(xb.to(device)), yb.to(device))
        stepper.backward(loss)
        running += loss.item()
    scheduler.step()
    net.eval()
    with torch.no_grad():
        right = sum((net(xb.to(device)).argmax(1).cpu() == yb).sum().item() for xb, yb in val_loader)
    print(f"epoch {epoch:2d}  loss {running / len(train_loader):.4f}  val {right / (len(x) - cut):.4f}")
