"""Stamps with alpha on random plain backgrounds; class-balanced sampling; two optimizers; warm restarts."""
import argparse
import random
from collections import Counter, defaultdict
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F
from PIL import Image
from torch.utils.data import DataLoader, Dataset, WeightedRandomSampler
from torchvision.transforms import functional as TF


def split_by_class(root, share, seed):
    """The same list of files for both parts, cut class by class."""
    rng = random.Random(seed)
    groups = defaultdict(list)
    for path in sorted(Path(root).glob("*/*.png")):
        groups[path.parent.name].append(path)
    names = sorted(groups)
    parts = {"fit": [], "check": []}
    for k, name in enumerate(names):
        files = groups[name]
        rng.shuffle(files)
        cut = round(len(files) * share)
        parts["check"] += [(f, k) for f in files[:cut]]
        parts["fit"] += [(f, k) for f in files[cut:]]
    return parts, names


class Stamps(Dataset):
    def __init__(self, items, size, vary):
        self.items, self.size, self.vary = items, size, vary

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        path, label = self.items[i]
        stamp = Image.open(path).convert("RGBA").resize((self.size, self.size), Image.BILINEAR)
        back = (255, 255, 255)
        if self.vary:
            back = tuple(random.randint(150, 255) for _ in range(3))
            stamp = TF.affine(stamp, angle=random.uniform(-15, 15), translate=[random.randint(-5, 5), random.randint(-5, 5)],
                              scale=random.uniform(0.85, 1.1), shear=[0.0])
        canvas = Image.new("RGBA", stamp.size, back + (255,))
        canvas.alpha_composite(stamp)
        return TF.to_tensor(canvas.convert("RGB")) * 2 - 1, label


class Trunk(nn.Module):
    def __init__(self, widths=(32, 64, 96, 128)):
        super().__init__()
        self.layers = nn.ModuleList()
        cin = 3
        for w in widths:
            self.layers.append(nn.ModuleDict({
                "conv": nn.Conv2d(cin, w, 3, stride=2, padding=1, bias=False), "norm": nn.BatchNorm2d(w),
                "mix": nn.Conv2d(w, w, 3, padding=1, bias=False), "norm2": nn.BatchNorm2d(w)}))
            cin = w
        self.width = cin

    def forward(self, x):
        for layer in self.layers:
            x = F.gelu(layer["norm"](layer["conv"](x)))
            x = x + F.gelu(layer["norm2"](layer["mix"](x)))
        return torch.cat([x.amax((2, 3)), x.mean((2, 3))], dim=1)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--root", default="stamps")
    p.add_argument("--size", type=int, default=64)
    p.add_argument("--epochs", type=int, default=120)
    p.add_argument("--batch", type=int, default=24)
    a = p.parse_args()
    random.seed(2)
    torch.manual_seed(2)
    parts, names = split_by_class(a.root, 0.2, seed=6)
    counts = Counter(k for _, k in parts["fit"])
    sampler = WeightedRandomSampler([1.0 / counts[k] for _, k in parts["fit"]], len(parts["fit"]))
    fit = DataLoader(Stamps(parts["fit"], a.size, True), a.batch, sampler=sampler, drop_last=True)
    check = DataLoader(Stamps(parts["check"], a.size, False), 38)

    trunk = Trunk()
    model = nn.Sequential(trunk, nn.Linear(2 * trunk.width, len(names)))
    optimizers = [torch.optim.SGD(trunk.parameters(), lr=0.02, momentum=0.9, weight_decay=1e-3),
                  torch.optim.AdamW(model[1].parameters(), lr=1e-3, weight_decay=1e-2)]
    schedulers = [torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(o, T_0=8, T_mult=2, eta_min=1e-5) for o in optimizers]

    for epoch in range(a.epochs):
        model.train()
        total, seen = 0.0, 0
        for i, (x, y) in enumerate(fit):
            loss = F.cross_entropy(model(x), y, reduction="sum")
            for o in optimizers:
                o.zero_grad()
            (loss / len(y)).backward()
            for o, s in zip(optimizers, schedulers):
                o.step()
                s.step(epoch + (i + 1) / len(fit))
            total += loss.item()
            seen += len(y)
        model.eval()
        table = torch.zeros(len(names), len(names), dtype=torch.long)
        with torch.no_grad():
            for x, y in check:
                for t, g in zip(y.tolist(), model(x).argmax(1).tolist()):
                    table[t, g] += 1
        recall = table.diag() / table.sum(1).clamp(min=1)
        print(f"epoch {epoch}: loss {total / seen:.4f}  accuracy {table.diag().sum().item() / table.sum().item():.3f}  "
              f"mean recall {recall.mean().item():.3f}")


if __name__ == "__main__":
    main()
