"""Three folds over the stamps, rare groups drawn more often."""
import argparse
import csv
from collections import Counter
from pathlib import Path
from statistics import mean

import timm
import torch
import torch.nn as nn
from PIL import Image
from torch.utils.data import DataLoader, Dataset, WeightedRandomSampler
from torchvision.transforms import v2


def rows(root):
    with open(root / "folds.csv", newline="") as f:
        return [(root / r["path"], r["group"], int(r["fold"])) for r in csv.DictReader(f)]


class Stamps(Dataset):
    def __init__(self, pairs, transform):
        self.pairs, self.transform = pairs, transform

    def __len__(self):
        return len(self.pairs)

    def __getitem__(self, i):
        path, target = self.pairs[i]
        return self.transform(Image.open(path).convert("RGBA")), target


def paper(t):
    """colour and alpha -> colour on grey paper, in -1..1"""
    rgb, a = t[:3], t[3:]
    return (rgb * a + 0.5 * (1 - a) - 0.5) / 0.5


PLAIN = v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Lambda(paper)])
AUGMENT = v2.Compose([v2.RandomHorizontalFlip(), v2.RandomAffine(10, translate=(0.08, 0.08), scale=(0.85, 1.1)), PLAIN])


def one_fold(fold, all_rows, args):
    groups = sorted({g for _, g, _ in all_rows})
    inside = [(p, groups.index(g)) for p, g, k in all_rows if k != fold]
    outside = [(p, groups.index(g)) for p, g, k in all_rows if k == fold]
    number = Counter(t for _, t in inside)
    weights = [1.0 / number[t] ** 0.5 for _, t in inside]
    sampler = WeightedRandomSampler(weights, len(inside), replacement=True, generator=torch.Generator().manual_seed(fold))
    train = DataLoader(Stamps(inside, AUGMENT), args.batch, sampler=sampler, drop_last=True)
    held = DataLoader(Stamps(outside, PLAIN), 64)

    torch.manual_seed(100 + fold)
    net = timm.create_model("mobilenetv3_small_050", pretrained=False, num_classes=len(groups), drop_rate=0.1)
    net.conv_stem.stride = (1, 1)       # 48 pixels are few
    optimizer = torch.optim.AdamW(net.parameters(), args.lr, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, args.lr, total_steps=args.epochs * len(train), pct_start=0.1)
    result = 0.0
    for epoch in range(args.epochs):
        net.train()
        losses = []
        for x, t in train:
            loss = nn.functional.cross_entropy(net(x), t)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 3.0)
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        net.eval()
        right = [0] * len(groups)
        with torch.no_grad():
            for x, t in held:
                for group in t[net(x).argmax(1) == t].tolist():
                    right[group] += 1
        count = Counter(t for _, t in outside)
        result = mean(right[g] / count[g] for g in count)      # mean of the groups
        print(f"fold {fold} epoch {epoch:2d} loss {mean(losses):.3f} recall {result:.3f} accuracy {sum(right) / len(outside):.3f}", flush=True)
    return result


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=Path, default=Path("stamps_folds"))
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--batch", type=int, default=25)
    parser.add_argument("--lr", type=float, default=3e-3)
    args = parser.parse_args()
    table = rows(args.root)
    results = [one_fold(k, table, args) for k in sorted({f for *_, f in table})]
    print("recall of the folds:", " ".join(f"{r:.3f}" for r in results), "mean", round(mean(results), 3))


if __name__ == "__main__":
    main()
