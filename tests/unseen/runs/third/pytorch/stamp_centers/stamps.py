# %% [markdown]
# Rubber stamps: the kind is written in the name of the file (`animals-007.png`).
# Cross-entropy plus centre loss; the centres have an optimizer of their own.

# %%
import re
import time
from collections import Counter, defaultdict
from glob import glob
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(77)
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

SIZE = 64
BATCH = 32
EPOCHS = 70
LR_NET = 1e-3
LR_CENTRES = 0.5
CENTRE_WEIGHT = 0.003
EMBED = 64
OUT = Path("runs/stamps")
OUT.mkdir(parents=True, exist_ok=True)

# %%
files = sorted(glob("stamps/*.png"))
kind_of = {f: re.match(r"(\w+)-\d+\.png$", Path(f).name).group(1) for f in files}
kinds = sorted(set(kind_of.values()))
number = {k: i for i, k in enumerate(kinds)}
print(Counter(kind_of.values()))

# every fifth stamp of each kind is kept for checking
train_files, check_files = [], []
seen = defaultdict(int)
for f in files:
    (check_files if seen[kind_of[f]] % 5 == 4 else train_files).append(f)
    seen[kind_of[f]] += 1
assert not set(train_files) & set(check_files)
len(train_files), len(check_files)


# %%
def on_paper(path, size=SIZE):
    """Transparent stamps are put on a white square."""
    img = Image.open(path).convert("RGBA")
    side = max(img.size)
    paper = Image.new("RGBA", (side, side), (255, 255, 255, 255))
    paper.alpha_composite(img, ((side - img.width) // 2, (side - img.height) // 2))
    return np.array(paper.convert("RGB").resize((size, size), Image.LANCZOS))


class Stamps(Dataset):
    """All pictures are held in memory as bytes, N x H x W x 3."""

    def __init__(self, paths, augment):
        self.pictures = np.stack([on_paper(p) for p in paths])
        self.numbers = torch.tensor([number[kind_of[p]] for p in paths])
        self.augment = augment

    def __len__(self):
        return len(self.numbers)

    def __getitem__(self, i):
        x = torch.from_numpy(self.pictures[i]).permute(2, 0, 1).float().div(127.5).sub(1)
        if self.augment:
            if torch.rand(()) < 0.5:
                x = x.flip(2)
            angle = (torch.rand(()) - 0.5) * 0.5
            zoom = 1 + (torch.rand(()) - 0.5) * 0.3
            c, s = torch.cos(angle) * zoom, torch.sin(angle) * zoom
            shift = (torch.rand(2) - 0.5) * 0.2
            theta = torch.stack([torch.stack([c, -s, shift[0]]), torch.stack([s, c, shift[1]])])
            grid = nn.functional.affine_grid(theta[None], (1, 3, SIZE, SIZE), align_corners=False)
            # outside of the picture there is white paper, 1 after scaling
            x = nn.functional.grid_sample(x[None] - 1, grid, align_corners=False)[0] + 1
        return x, self.numbers[i]


train_loader = DataLoader(Stamps(train_files, True), BATCH, shuffle=True)
check_loader = DataLoader(Stamps(check_files, False), 64)


# %%
class StampNet(nn.Module):
    def __init__(self, outputs, embed=EMBED):
        super().__init__()

        def step(a, b):
            return [nn.Conv2d(a, b, 3, padding=1), nn.InstanceNorm2d(b, affine=True), nn.PReLU(b), nn.AvgPool2d(2)]

        self.trunk = nn.Sequential(*step(3, 32), *step(32, 64), *step(64, 96), *step(96, 128))
        self.embed = nn.Sequential(nn.Flatten(), nn.Dropout(0.3), nn.Linear(128 * 4 * 4, embed), nn.LayerNorm(embed))
        self.out = nn.Linear(embed, outputs)

    def forward(self, x):
        e = self.embed(self.trunk(x))
        return self.out(torch.relu(e)), e


class Centres(nn.Module):
    """Half the mean squared distance of every embedding to the centre of its kind."""

    def __init__(self, outputs, embed=EMBED):
        super().__init__()
        self.points = nn.Parameter(torch.randn(outputs, embed) * 0.1)

    def forward(self, e, y):
        return 0.5 * (e - self.points[y]).pow(2).sum(1).mean()


net = StampNet(len(kinds)).to(device)
centres = Centres(len(kinds)).to(device)

# rare kinds weigh more
share = torch.bincount(train_loader.dataset.numbers, minlength=len(kinds)).float()
weight = (share.mean() / share).sqrt()
cross_entropy = nn.CrossEntropyLoss(weight=weight.to(device))

opt_net = torch.optim.AdamW(net.parameters(), lr=LR_NET, weight_decay=0.02)
opt_centres = torch.optim.SGD(centres.parameters(), lr=LR_CENTRES)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(opt_net, T_max=EPOCHS, eta_min=1e-5)

# %%
best = 0.0
for epoch in range(EPOCHS):
    net.train()
    start = time.time()
    ce_sum = centre_sum = right = n = 0
    for i, (x, y) in enumerate(train_loader):
        x, y = x.to(device), y.to(device)
        logits, e = net(x)
        ce, pull = cross_entropy(logits, y), centres(e, y)
        loss = ce + CENTRE_WEIGHT * pull
        opt_net.zero_grad()
        opt_centres.zero_grad()
        loss.backward()
        # the centres move by their own rate, whatever the weight of the loss
        for p in centres.parameters():
            p.grad.mul_(1 / CENTRE_WEIGHT)
        opt_net.step()
        opt_centres.step()

        ce_sum += ce.item() * len(y)
        centre_sum += pull.item() * len(y)
        right += (logits.argmax(1) == y).sum().item()
        n += len(y)
        if i % 5 == 0:
            print(f"  {epoch}:{i}/{len(train_loader)} ce {ce.item():.3f} centres {pull.item():.2f}", flush=True)
    schedule.step()

    net.eval()
    hits, total = torch.zeros(len(kinds)), torch.zeros(len(kinds))
    with torch.no_grad():
        for x, y in check_loader:
            guess = net(x.to(device))[0].argmax(1).cpu()
            hits += torch.bincount(y[guess == y], minlength=len(kinds))
            total += torch.bincount(y, minlength=len(kinds))
    acc = (hits.sum() / total.sum()).item()
    print(f"epoch {epoch}: ce {ce_sum / n:.3f}, centres {centre_sum / n:.2f}, train {right / n:.3f}, check {acc:.3f}, "
          f"{time.time() - start:.0f} s", flush=True)
    if acc >= best:
        best = acc
        torch.save({"net": net.state_dict(), "centres": centres.state_dict(), "kinds": kinds}, OUT / "best.pt")

# %%
print(f"best {best:.3f}")
for k, h, t in zip(kinds, hits.tolist(), total.tolist()):
    print(f"{k:12s} {h / t:.2f} of {t:.0f}")
