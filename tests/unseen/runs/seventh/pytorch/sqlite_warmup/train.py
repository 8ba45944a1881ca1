import io
import sqlite3
import sys
from types import SimpleNamespace

import numpy as np
import torch
from PIL import Image
from torch import nn

from schedule import WarmCosine

cfg = SimpleNamespace(db="pictures.db", epochs=50, batch=40, lr=2e-3, start_factor=100.0, warm_epochs=2, decay=0.05)
if "--epochs" in sys.argv:
    cfg.epochs = int(sys.argv[sys.argv.index("--epochs") + 1])


class Rows(torch.utils.data.Dataset):
    mean = np.array([125.3, 123.0, 113.9], np.float32)
    std = np.array([63.0, 62.1, 66.7], np.float32)

    def __init__(self, part, train):
        self.db, self.train = sqlite3.connect(cfg.db, check_same_thread=False), train
        query = self.db.execute("SELECT id, class FROM picture WHERE part = ? ORDER BY id", (part,))
        self.ids, names = zip(*query.fetchall())
        self.classes = [r[0] for r in self.db.execute("SELECT DISTINCT class FROM picture ORDER BY class")]
        self.y = [self.classes.index(n) for n in names]

    def __len__(self):
        return len(self.ids)

    def __getitem__(self, k):
        (blob,) = self.db.execute("SELECT blob FROM picture WHERE id = ?", (self.ids[k],)).fetchone()
        a = (np.asarray(Image.open(io.BytesIO(blob)), np.float32) - self.mean) / self.std
        a = torch.from_numpy(a.transpose(2, 0, 1).copy())
        if self.train:
            if torch.rand(()) < 0.5:
                a = a.flip(2)
            dy, dx = torch.randint(-3, 4, (2,)).tolist()
            a = torch.roll(a, (dy, dx), (1, 2))
        return a, self.y[k]


class Mixer(nn.Module):
    """depthwise and pointwise mixing of patches"""

    def __init__(self, classes, dim=96, depth=5, patch=4, kernel=5):
        super().__init__()
        self.patch = nn.Sequential(nn.Conv2d(3, dim, patch, patch), nn.GELU(), nn.BatchNorm2d(dim))
        self.space = nn.ModuleList(nn.Sequential(nn.Conv2d(dim, dim, kernel, groups=dim, padding="same"), nn.GELU(), nn.BatchNorm2d(dim)) for _ in range(depth))
        self.mix = nn.ModuleList(nn.Sequential(nn.Conv2d(dim, dim, 1), nn.GELU(), nn.BatchNorm2d(dim)) for _ in range(depth))
        self.out = nn.Linear(dim, classes)

    def forward(self, x):
        x = self.patch(x)
        for s, m in zip(self.space, self.mix):
            x = m(x + s(x))
        return self.out(x.flatten(2).mean(-1))


torch.manual_seed(8)
fit, check = Rows("fit", True), Rows("check", False)
loader = torch.utils.data.DataLoader(fit, cfg.batch, shuffle=True, drop_last=True)
loader_check = torch.utils.data.DataLoader(check, 120)
model = Mixer(len(fit.classes))
steps = cfg.epochs * len(loader)
optimizer = torch.optim.AdamW(model.parameters(), lr=cfg.lr / cfg.start_factor, weight_decay=cfg.decay)
schedule = WarmCosine(optimizer, cfg.lr, steps, cfg.warm_epochs * len(loader), cfg.start_factor)
criterion = nn.CrossEntropyLoss(label_smoothing=0.1)

for epoch in range(cfg.epochs):
    model.train()
    seen = []
    for x, y in loader:
        loss = criterion(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        rate = schedule.step()
        seen.append(loss.item())
    model.eval()
    with torch.no_grad():
        hits = [(model(x).argmax(1) == y) for x, y in loader_check]
    print(f"epoch {epoch + 1}/{cfg.epochs} lr {rate:.2e} loss {np.mean(seen):.3f} accuracy {torch.cat(hits).float().mean():.3f}", flush=True)
