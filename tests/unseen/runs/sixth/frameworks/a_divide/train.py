"""Wide network on pickled batches with Accelerate and accumulated gradients."""
import argparse
import pickle

import numpy as np
import torch
import torch.nn.functional as F
from accelerate import Accelerator
from accelerate.utils import set_seed
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from torchvision.transforms import v2

p = argparse.ArgumentParser()
p.add_argument("--epochs", type=int, default=60)
p.add_argument("--batch-size", type=int, default=16)
p.add_argument("--accumulate", type=int, default=8)
p.add_argument("--lr", type=float, default=0.05)
args = p.parse_args()


def load(*names):
    parts = []
    for n in names:
        with open(n, "rb") as f:
            parts.append(pickle.load(f))
    x = np.concatenate([d["data"] for d in parts]).reshape(-1, 3, 32, 32)
    y = np.concatenate([np.asarray(d["labels"]) for d in parts])
    return TensorDataset(torch.from_numpy(x), torch.from_numpy(y).long())


class Res(nn.Module):
    def __init__(self, a, b, stride):
        super().__init__()
        self.n1, self.c1 = nn.GroupNorm(8, a), nn.Conv2d(a, b, 3, stride, 1, bias=False)
        self.n2, self.c2 = nn.GroupNorm(8, b), nn.Conv2d(b, b, 3, 1, 1, bias=False)
        self.skip = nn.Conv2d(a, b, 1, stride, bias=False) if stride > 1 or a != b else nn.Identity()

    def forward(self, x):
        h = F.relu(self.n1(x))
        return self.skip(h) + self.c2(F.relu(self.n2(self.c1(h))))


def network():
    return nn.Sequential(
        nn.Conv2d(3, 32, 3, 1, 1, bias=False), Res(32, 64, 1), Res(64, 128, 2), Res(128, 192, 2),
        nn.GroupNorm(8, 192), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(192, 10))


scale = v2.Compose([v2.ToDtype(torch.float32, scale=True), v2.Normalize([0.49, 0.48, 0.45], [0.25, 0.24, 0.26])])


def augment(x):
    flip = torch.rand(len(x), 1, 1, 1, device=x.device) < 0.5
    x = torch.where(flip, x.flip(3), x)
    dy, dx = torch.randint(0, 9, (2,)).tolist()
    return F.pad(x, (4, 4, 4, 4), mode="reflect")[:, :, dy:dy + 32, dx:dx + 32]


def main():
    set_seed(9)
    accelerator = Accelerator(gradient_accumulation_steps=args.accumulate, cpu=True)
    train = DataLoader(load("data_batch_1", "data_batch_2", "data_batch_3"), args.batch_size, shuffle=True, drop_last=True)
    test = DataLoader(load("test_batch"), 100)
    model = network()
    optimizer = torch.optim.SGD(model.parameters(), lr=args.lr, momentum=0.9, weight_decay=5e-4)
    model, optimizer, train, test = accelerator.prepare(model, optimizer, train, test)

    for epoch in range(args.epochs):
        model.train()
        total = torch.zeros(())
        for x, y in train:
            with accelerator.accumulate(model):
                loss = F.cross_entropy(model(augment(scale(x))), y)
                total += loss.detach()
                accelerator.backward(loss / args.accumulate)
                optimizer.step()
                optimizer.zero_grad()
        model.eval()
        right = count = 0
        with torch.no_grad():
            for x, y in test:
                pred = model(scale(x)).argmax(dim=1)
                pred, y = accelerator.gather_for_metrics((pred, y))
                right += (pred == y).sum().item()
                count += len(y)
        accelerator.print(f"epoch {epoch}: loss {total.item() / len(train):.3f} accuracy {right / count:.3f}")


if __name__ == "__main__":
    main()
