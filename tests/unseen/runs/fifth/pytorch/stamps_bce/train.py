import csv
from collections import Counter, defaultdict

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, WeightedRandomSampler
from torchvision import transforms as T
from torchvision.io import ImageReadMode, read_image

DATA, EPOCHS, LR = "stamps", 50, 8e-4


def split(rows, every=5):
    """Every fifth picture of each class is held out."""
    per_class = defaultdict(list)
    for f, c in rows:
        per_class[c].append(f)
    train, held = [], []
    for c, files in per_class.items():
        for i, f in enumerate(sorted(files)):
            (held if i % every == 0 else train).append((f, c))
    return train, held


class StampSet(torch.utils.data.Dataset):
    def __init__(self, rows, classes, tf):
        self.rows, self.tf = rows, tf
        self.classes = classes
        self.eye = torch.eye(len(classes))

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        f, c = self.rows[i]
        img = read_image(f"{DATA}/images/{f}", ImageReadMode.RGB)
        return self.tf(img), self.eye[self.classes.index(c)]


class SE(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.fc = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(c, c // 4, 1), nn.ReLU(), nn.Conv2d(c // 4, c, 1), nn.Sigmoid())

    def forward(self, x):
        return x * self.fc(x)


def stage(a, b):
    return nn.Sequential(nn.Conv2d(a, b, 3, 2, 1, bias=False), nn.BatchNorm2d(b), nn.ReLU(),
                         nn.Conv2d(b, b, 3, 1, 1, groups=b, bias=False), nn.BatchNorm2d(b), SE(b), nn.ReLU())


with open(f"{DATA}/index.csv") as f:
    table = [(r["file"], r["label"]) for r in csv.DictReader(f)]
classes = sorted({c for _, c in table})
train_rows, held_rows = split(table)
to_float = [T.ConvertImageDtype(torch.float32), T.Normalize([0.8, 0.8, 0.8], [0.3, 0.3, 0.3])]
train_set = StampSet(train_rows, classes, T.Compose([T.RandomHorizontalFlip(), T.RandomAffine(10, (0.1, 0.1), (0.8, 1.1), fill=255)] + to_float))
held_set = StampSet(held_rows, classes, T.Compose(to_float))

torch.manual_seed(5)
count = Counter(c for _, c in train_rows)
sampler = WeightedRandomSampler([1.0 / count[c] for _, c in train_rows], num_samples=len(train_rows), replacement=True)
train_loader = DataLoader(train_set, batch_size=32, sampler=sampler, drop_last=True)
held_loader = DataLoader(held_set, batch_size=32)

net = nn.Sequential(stage(3, 32), stage(32, 64), stage(64, 128), stage(128, 192), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(192, len(classes)))
nn.init.constant_(net[-1].bias, -1.6)  # prior of one in six
opt = torch.optim.RAdam(net.parameters(), lr=LR, weight_decay=1e-4)
sched = torch.optim.lr_scheduler.PolynomialLR(opt, EPOCHS, power=0.9)
for epoch in range(EPOCHS):
    net.train()
    for x, t in train_loader:
        loss = F.binary_cross_entropy_with_logits(net(x), t, reduction="sum") / len(x)
        opt.zero_grad()
        loss.backward()
        opt.step()
    sched.step()
    net.eval()
    confusion = torch.zeros(len(classes), len(classes), dtype=torch.long)
    with torch.no_grad():
        for x, t in held_loader:
            for a, b in zip(t.argmax(1).tolist(), net(x).argmax(1).tolist()):
                confusion[a, b] += 1
    recall = confusion.diag() / confusion.sum(1)
    print(f"epoch {epoch} loss {loss.item():.3f} accuracy {confusion.diag().sum() / confusion.sum():.3f} mean recall {recall.mean():.3f}", flush=True)
