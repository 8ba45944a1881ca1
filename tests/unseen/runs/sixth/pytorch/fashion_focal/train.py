import argparse

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from model import FashionNet, FocalLoss


class Npz(Dataset):
    def __init__(self, x, y, augment):
        self.x, self.y, self.augment = x, y, augment

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        img = torch.from_numpy(self.x[i]).float().div(255).unsqueeze(0)
        if self.augment:
            if torch.rand(()) < 0.5:
                img = img.flip(-1)
            dy, dx = torch.randint(-2, 3, (2,)).tolist()
            img = torch.roll(img, (dy, dx), dims=(1, 2))
        return (img - 0.286) / 0.353, int(self.y[i])


def evaluate(model, loader, loss_fn):
    model.eval()
    loss_sum = correct = n = 0
    with torch.no_grad():
        for x, y in loader:
            out = model(x)
            loss_sum += loss_fn(out, y).item() * y.numel()
            correct += (out.argmax(1) == y).sum().item()
            n += y.numel()
    return loss_sum / n, correct / n


def main(opt):
    torch.manual_seed(opt.seed)
    data = np.load(opt.npz)
    train = DataLoader(Npz(data["x_train"], data["y_train"], True), opt.batch, shuffle=True)
    val = DataLoader(Npz(data["x_val"], data["y_val"], False), 100)
    model = FashionNet()
    loss_fn = FocalLoss(opt.gamma)
    optim = torch.optim.SGD(model.parameters(), lr=opt.lr, momentum=0.9, nesterov=True, weight_decay=1e-4)
    sched = torch.optim.lr_scheduler.MultiStepLR(optim, milestones=[25, 35], gamma=0.1)
    for epoch in range(opt.epochs):
        model.train()
        for it, (x, y) in enumerate(train):
            loss = loss_fn(model(x), y)
            optim.zero_grad()
            loss.backward()
            optim.step()
            if it % 20 == 0:
                print(f"[{epoch}] {it}/{len(train)} focal {loss.item():.4f}")
        sched.step()
        print("validation: loss %.4f accuracy %.4f" % evaluate(model, val, loss_fn))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--npz", default="fashion.npz")
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--lr", type=float, default=0.05)
    parser.add_argument("--gamma", type=float, default=2.0)
    parser.add_argument("--seed", type=int, default=3)
    main(parser.parse_args())
