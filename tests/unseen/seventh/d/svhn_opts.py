# House numbers.  All knobs live in KNOBS; every one of them is a command line option.
import argparse
import os

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Subset
from torchvision import transforms
from torchvision.datasets import SVHN

KNOBS = [
    # name          default   type   help
    ("root",        "data",   str,   "where the .mat files are (or go)"),
    ("save",        "svhn.pth", str, "weights of the epoch that was best on the held-out part"),
    ("bs",          128,      int,   "batch size"),
    ("test-bs",     500,      int,   "batch size without gradients"),
    ("epochs",      40,       int,   ""),
    ("lr",          1e-3,     float, "Adam"),
    ("wd",          0.0,      float, "L2"),
    ("decay-every", 15,       int,   "epochs between two decays"),
    ("decay-by",    0.2,      float, ""),
    ("n-val",       6000,     int,   "pictures of the train split that are kept back"),
    ("p",           0.3,      float, "dropout"),
    ("seed",        1337,     int,   ""),
    ("jobs",        4,        int,   "loader processes"),
]

ap = argparse.ArgumentParser()
for name, default, kind, text in KNOBS:
    ap.add_argument("--" + name, default=default, type=kind, help=text + " [%(default)s]")
ap.add_argument("--cpu", action="store_true")
A = ap.parse_args()

torch.manual_seed(A.seed)
rng = np.random.RandomState(A.seed)
DEV = torch.device("cpu" if A.cpu or not torch.cuda.is_available() else "cuda:0")


def conv(n_in, n_out, pool=False):
    parts = [nn.Conv2d(n_in, n_out, 3, padding=1, bias=False), nn.BatchNorm2d(n_out), nn.ReLU(True)]
    if pool:
        parts.append(nn.MaxPool2d(2))
    return parts


class Digits(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.trunk = nn.Sequential(
            *conv(3, 48), *conv(48, 48, pool=True),
            *conv(48, 96), *conv(96, 96, pool=True),
            *conv(96, 192), *conv(192, 192, pool=True),
        )
        self.top = nn.Sequential(
            nn.Flatten(), nn.Dropout(p),
            nn.Linear(192 * 4 * 4, 256), nn.ReLU(True), nn.Dropout(p),
            nn.Linear(256, 10),
        )

    def forward(self, x):
        return self.top(self.trunk(x))


to_net = transforms.Compose([
    transforms.ToTensor(),
    transforms.Normalize((0.4377, 0.4438, 0.4728), (0.1980, 0.2010, 0.1970)),
])
# no flips: these are digits
jitter_then_net = transforms.Compose([transforms.RandomCrop(32, padding=2), to_net])

perm = rng.permutation(73257)
held, used = perm[:A.n_val], perm[A.n_val:]
sets = {
    "fit": Subset(SVHN(A.root, split="train", transform=jitter_then_net, download=True), used),
    "held": Subset(SVHN(A.root, split="train", transform=to_net), held),
    "test": SVHN(A.root, split="test", transform=to_net, download=True),
}
feeds = {k: DataLoader(d, batch_size=A.bs if k == "fit" else A.test_bs, shuffle=k == "fit",
                       num_workers=A.jobs, pin_memory=True) for k, d in sets.items()}

net = Digits(A.p).to(DEV)
opt = torch.optim.Adam(net.parameters(), lr=A.lr, weight_decay=A.wd)
decay = torch.optim.lr_scheduler.StepLR(opt, step_size=A.decay_every, gamma=A.decay_by)
xent = nn.CrossEntropyLoss()


def score(which):
    net.eval()
    ok, n = 0, 0
    with torch.no_grad():
        for x, y in feeds[which]:
            ok += (net(x.to(DEV)).argmax(1) == y.to(DEV)).sum().item()
            n += y.numel()
    return ok / n


top, top_at = 0.0, -1
for ep in range(A.epochs):
    net.train()
    tot = n = 0
    for x, y in feeds["fit"]:
        x, y = x.to(DEV), y.to(DEV)
        loss = xent(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * y.numel()
        n += y.numel()
    decay.step()
    acc = score("held")
    print(f"[{ep:02d}] loss {tot / n:.4f}  held-out {acc:.4f}")
    if acc > top:
        top, top_at = acc, ep
        torch.save(net.state_dict(), A.save)

net.load_state_dict(torch.load(A.save, map_location=DEV))
print(f"epoch {top_at}: held-out {top:.4f}, test {score('test'):.4f} ({os.path.abspath(A.save)})")
