"""Nine tissue types, 96x96 RGB tiles in one npz. Augmentation runs on the GPU."""
from dataclasses import dataclass

import kornia.augmentation as K
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


@dataclass
class Cfg:
    path: str = "/data/tissue96.npz"
    n_classes: int = 9
    batch_size: int = 256
    epochs: int = 50
    lr: float = 2e-3
    weight_decay: float = 1e-2
    workers: int = 4
    seed: int = 11


class ConvBlock(nn.Sequential):
    def __init__(self, c_in, c_out, stride=1):
        super().__init__(
            nn.Conv2d(c_in, c_out, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(c_out),
            nn.SiLU(),
        )


class TileNet(nn.Module):
    def __init__(self, n_classes, w=48):
        super().__init__()
        self.features = nn.Sequential(
            ConvBlock(3, w), ConvBlock(w, w),
            ConvBlock(w, 2 * w, 2), ConvBlock(2 * w, 2 * w),
            ConvBlock(2 * w, 4 * w, 2), ConvBlock(4 * w, 4 * w),
            ConvBlock(4 * w, 6 * w, 2), ConvBlock(6 * w, 6 * w),
        )
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(6 * w, n_classes))

    def forward(self, x):
        return self.head(self.features(x))


def tensor_set(z, part):
    x = torch.from_numpy(z[f"{part}_images"]).permute(0, 3, 1, 2).contiguous()   # stays uint8
    y = torch.from_numpy(z[f"{part}_labels"].reshape(-1).astype(np.int64))
    return TensorDataset(x, y)


def unit(x):
    return x.float().div_(255.0)


def centre(x):
    return (x - 0.5) / 0.5


@torch.no_grad()
def score(model, loader, device):
    model.eval()
    right, n = torch.zeros((), device=device), 0
    for x, y in loader:
        x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
        right += (model(centre(unit(x))).argmax(1) == y).sum()
        n += y.numel()
    return (right / n).item()


def main(cfg=Cfg()):
    torch.manual_seed(cfg.seed)
    device = torch.device("cuda")
    with np.load(cfg.path) as z:
        parts = {p: tensor_set(z, p) for p in ("train", "val", "test")}
    kw = dict(batch_size=cfg.batch_size, num_workers=cfg.workers, pin_memory=True)
    train = DataLoader(parts["train"], shuffle=True, drop_last=True, **kw)
    val = DataLoader(parts["val"], shuffle=False, **kw)
    test = DataLoader(parts["test"], shuffle=False, **kw)

    augment = K.AugmentationSequential(
        K.RandomHorizontalFlip(p=0.5),
        K.RandomVerticalFlip(p=0.5),
        K.RandomRotation(degrees=20.0, p=0.5),
        K.ColorJiggle(0.1, 0.1, 0.1, 0.02, p=0.5),
        data_keys=["input"],
    )

    model = TileNet(cfg.n_classes).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=cfg.lr, weight_decay=cfg.weight_decay)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=cfg.lr, epochs=cfg.epochs,
                                                    steps_per_epoch=len(train))
    criterion = nn.CrossEntropyLoss()

    best = 0.0
    for epoch in range(cfg.epochs):
        model.train()
        for x, y in train:
            x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
            with torch.no_grad():
                x = centre(augment(unit(x)))
            loss = criterion(model(x), y)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            scheduler.step()
        acc = score(model, val, device)
        print(f"[{epoch + 1}/{cfg.epochs}] val {acc:.4f}")
        if acc > best:
            best = acc
            torch.save(model.state_dict(), "tile_best.pt")

    model.load_state_dict(torch.load("tile_best.pt", map_location=device))
    print(f"test {score(model, test, device):.4f}")


if __name__ == "__main__":
    main()
