import argparse
import pickle

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset
import torchvision
from torchvision.transforms import v2


class Normalise(nn.Module):
    def __init__(self, mean, std):
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean).view(1, -1, 1, 1))
        self.register_buffer("std", torch.tensor(std).view(1, -1, 1, 1))

    def forward(self, x):
        return (x.to(torch.float32) / 255.0 - self.mean) / self.std


class Rows(Dataset):
    """Rows of 3072 bytes, stored as in the well known pickled batches."""

    def __init__(self, files, train):
        data, self.y = [], []
        for name in files:
            with open(name, "rb") as f:
                d = pickle.load(f)
            data.append(d["data"])
            self.y += d["labels"]
        self.x = np.concatenate(data).reshape(-1, 3, 32, 32)
        self.tf = v2.Compose([v2.RandomCrop(32, padding=4), v2.RandomHorizontalFlip()]) if train else None

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        x = torch.from_numpy(self.x[i])
        return (self.tf(x) if self.tf else x), self.y[i]


def build(weights):
    net = torchvision.models.resnet18(num_classes=10)
    net.load_state_dict(torch.load(weights, weights_only=True))
    nn.init.normal_(net.fc.weight, std=0.01)
    nn.init.zeros_(net.fc.bias)
    return nn.Sequential(Normalise([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]), net)


def layer_groups(net, lr, factor, wd):
    names = ["fc", "layer4", "layer3", "layer2", "layer1", ("conv1", "bn1")]
    groups = []
    for depth, name in enumerate(names):
        mods = [getattr(net, n) for n in (name if isinstance(name, tuple) else (name,))]
        params = [p for m in mods for p in m.parameters()]
        for chosen, decay in (([p for p in params if p.ndim > 1], wd), ([p for p in params if p.ndim <= 1], 0.0)):
            groups.append({"params": chosen, "lr": lr * factor ** depth, "weight_decay": decay})
    return groups


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--dir", default="batches")
    ap.add_argument("--init", default="weights/resnet18_ten.pth")
    ap.add_argument("--epochs", type=int, default=40)
    ap.add_argument("--lr", type=float, default=1e-3)
    args = ap.parse_args()
    torch.manual_seed(17)
    train_set = Rows([f"{args.dir}/batch_{i}" for i in range(1, 5)], True)
    test_set = Rows([f"{args.dir}/test_batch"], False)
    train_loader = DataLoader(train_set, 50, shuffle=True)
    test_loader = DataLoader(test_set, 100)
    model = build(args.init)
    groups = layer_groups(model[1], args.lr, 0.75, 0.02)
    assert sum(len(g["params"]) for g in groups) == len(list(model.parameters()))
    opt = torch.optim.AdamW(groups)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, [g["lr"] for g in groups], args.epochs * len(train_loader), pct_start=0.1)
    xent = nn.CrossEntropyLoss(reduction="sum", label_smoothing=0.1)
    for epoch in range(args.epochs):
        model.train()
        total = 0
        for x, y in train_loader:
            loss = xent(model(x), y)
            opt.zero_grad()
            (loss / len(y)).backward()
            opt.step()
            sched.step()
            total += loss.item()
        model.eval()
        with torch.no_grad():
            ok = sum(int((model(x).argmax(1) == y).sum()) for x, y in test_loader)
        print(f"{epoch}: {total / len(train_set):.4f} {ok / len(test_set):.4f}", flush=True)


if __name__ == "__main__":
    main()
