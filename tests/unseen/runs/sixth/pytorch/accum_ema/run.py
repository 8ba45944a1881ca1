import argparse
import copy
import math
import os

import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, models, transforms


class NormalizedModel(nn.Module):
    """takes pictures in 0..1"""

    def __init__(self, net, mean, std):
        super().__init__()
        self.net = net
        self.register_buffer("mean", torch.tensor(mean).view(1, -1, 1, 1))
        self.register_buffer("std", torch.tensor(std).view(1, -1, 1, 1))

    def forward(self, x):
        return self.net((x - self.mean) / self.std)


class Ema:
    def __init__(self, model, decay):
        self.shadow = copy.deepcopy(model).eval().requires_grad_(False)
        self.decay, self.updates = decay, 0

    @torch.no_grad()
    def update(self, model):
        self.updates += 1
        d = min(self.decay, (1 + self.updates) / (10 + self.updates))
        for s, p in zip(self.shadow.parameters(), model.parameters()):
            s.lerp_(p, 1 - d)
        for s, b in zip(self.shadow.buffers(), model.buffers()):
            s.copy_(b)


def evaluate(model, loader, device):
    model.eval()
    good = n = 0
    with torch.no_grad():
        for x, y in loader:
            good += (model(x.to(device)).argmax(1) == y.to(device)).sum().item()
            n += len(y)
    return good / n


def main(args):
    torch.manual_seed(args.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    train_set = datasets.ImageFolder(os.path.join(args.data, "train"), transforms.Compose([
        transforms.RandomCrop(64, padding=6), transforms.RandomHorizontalFlip(), transforms.ToTensor(),
        transforms.RandomErasing(0.2)]))
    val_set = datasets.ImageFolder(os.path.join(args.data, "val"), transforms.ToTensor())
    train = DataLoader(train_set, args.micro, shuffle=True, drop_last=True)
    val = DataLoader(val_set, 60)

    model = NormalizedModel(models.shufflenet_v2_x1_0(num_classes=len(train_set.classes)),
                            [0.49, 0.48, 0.45], [0.25, 0.24, 0.26]).to(device)
    ema = Ema(model, args.ema)
    decay = [p for p in model.parameters() if p.ndim > 1]
    plain = [p for p in model.parameters() if p.ndim <= 1]
    optimizer = torch.optim.AdamW([{"params": decay, "weight_decay": args.wd},
                                   {"params": plain, "weight_decay": 0.0}], lr=args.lr)
    per_epoch = math.ceil(len(train) / args.accumulate)
    warm, total = 2 * per_epoch, args.epochs * per_epoch
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: s / warm if s < warm else 0.5 + 0.5 * math.cos(math.pi * (s - warm) / (total - warm)))
    loss_fn = nn.CrossEntropyLoss(label_smoothing=0.1)

    for epoch in range(args.epochs):
        model.train()
        optimizer.zero_grad()
        shown = 0.0
        for i, (x, y) in enumerate(train):
            left = len(train) - (i - i % args.accumulate)
            group = min(args.accumulate, left)
            loss = loss_fn(model(x.to(device)), y.to(device))
            (loss / group).backward()
            shown += loss.item()
            if (i + 1) % args.accumulate == 0 or i + 1 == len(train):
                nn.utils.clip_grad_norm_(model.parameters(), 2.0)
                optimizer.step()
                optimizer.zero_grad()
                schedule.step()
                ema.update(model)
        print(f"{epoch + 1}/{args.epochs} loss {shown / len(train):.4f} val {evaluate(model, val, device):.4f} "
              f"ema {evaluate(ema.shadow, val, device):.4f}")
        torch.save({"model": model.state_dict(), "ema": ema.shadow.state_dict()}, "accum_ema.pt")


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("--data", default="vehicles_animals")
    p.add_argument("--epochs", type=int, default=60)
    p.add_argument("--micro", type=int, default=12)
    p.add_argument("--accumulate", type=int, default=4)
    p.add_argument("--lr", type=float, default=2e-3)
    p.add_argument("--wd", type=float, default=0.05)
    p.add_argument("--ema", type=float, default=0.99)
    p.add_argument("--seed", type=int, default=21)
    main(p.parse_args())
