"""Objects (npz), augmentation in numpy.  Meant to be repeatable to the last bit: everything random is seeded."""
import random

import numpy as np
import torch
from torch import nn, optim
from torch.utils.data import DataLoader, Dataset

from nets import SmallNet

SEED = 1234


def seed_all(seed):
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


class Objects(Dataset):
    mean = np.array([0.491, 0.482, 0.446], dtype=np.float32)
    std = np.array([0.246, 0.245, 0.263], dtype=np.float32)

    def __init__(self, path, split, augment=False):
        with np.load(path) as z:
            self.x, self.y = z[f"x_{split}"], z[f"y_{split}"]
        self.augment = augment

    def __len__(self):
        return len(self.y)

    def _augment(self, img, rng):
        if rng.random() < 0.5:
            img = img[:, ::-1]
        img = np.pad(img, ((4, 4), (4, 4), (0, 0)), mode="reflect")
        t, l = rng.integers(0, 9, 2)
        img = img[t:t + 32, l:l + 32]
        return np.clip(img * rng.uniform(0.8, 1.2), 0, 255)

    def __getitem__(self, i):
        img = self.x[i]
        if self.augment:
            rng = np.random.default_rng(SEED + i)
            img = self._augment(img, rng)
        img = (img.astype(np.float32) / 255 - self.mean) / self.std
        return torch.from_numpy(np.ascontiguousarray(img.transpose(2, 0, 1))), int(self.y[i])


def main():
    seed_all(SEED)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    g = torch.Generator()
    g.manual_seed(SEED)
    train_loader = DataLoader(Objects("objects.npz", "train", augment=True), batch_size=64, shuffle=True, generator=g, num_workers=2)
    val_loader = DataLoader(Objects("objects.npz", "val"), batch_size=200, num_workers=2)
    net = SmallNet(10).to(device)
    optimizer = optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4, nesterov=True)
    scheduler = optim.lr_scheduler.MultiStepLR(optimizer, milestones=[40, 60], gamma=0.1)
    criterion = nn.CrossEntropyLoss()
    for epoch in range(70):
        net.train()
        loss_sum = 0.0
        for x, y in train_loader:
            x, y = x.to(device), y.to(device)
            optimizer.zero_grad()
            loss = criterion(net(x), y)
            loss.backward()
            optimizer.step()
            loss_sum += loss.item() * len(y)
        scheduler.step()
        net.eval()
        ok = 0
        with torch.no_grad():
            for x, y in val_loader:
                ok += (net(x.to(device)).argmax(1).cpu() == y).sum().item()
        print("%d: %.4f %.4f" % (epoch, loss_sum / len(train_loader.dataset), ok / len(val_loader.dataset)))


if __name__ == "__main__":
    main()
