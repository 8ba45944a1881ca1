"""Mixed precision on the picture table (parquet with encoded bytes)."""
import io
import argparse
import contextlib

import pyarrow.parquet as pq
import torch
import torch.nn as nn
from PIL import Image
from torch.utils.data import DataLoader
from torchvision.transforms import v2


class Table(torch.utils.data.Dataset):
    def __init__(self, path, transform):
        t = pq.read_table(path, columns=["image", "label"]).to_pydict()
        self.blobs, self.labels, self.transform = t["image"], t["label"], transform

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        with Image.open(io.BytesIO(self.blobs[i])) as im:
            return self.transform(im.convert("RGB")), self.labels[i]


def vgg_like(plan, classes):
    layers, c = [], 3
    for p in plan:
        if p == "M":
            layers.append(nn.MaxPool2d(2))
        else:
            layers += [nn.Conv2d(c, p, 3, padding=1, bias=False), nn.BatchNorm2d(p), nn.ReLU(inplace=True)]
            c = p
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(c, classes))


class Stepper:
    """backward, clip, step, in any precision"""

    def __init__(self, model, optimizer, scheduler, precision, max_norm, device):
        self.model, self.optimizer, self.scheduler = model, optimizer, scheduler
        self.max_norm, self.device = max_norm, device
        self.mixed = precision == "mixed"
        self.scaler = torch.amp.GradScaler(device, enabled=self.mixed)

    def context(self):
        if self.mixed:
            dtype = torch.float16 if self.device == "cuda" else torch.bfloat16
            return torch.autocast(self.device, dtype=dtype)
        return contextlib.nullcontext()

    def __call__(self, loss):
        self.optimizer.zero_grad(set_to_none=True)
        self.scaler.scale(loss).backward()
        if self.max_norm:
            nn.utils.clip_grad_norm_(self.model.parameters(), self.max_norm)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.scheduler.step()


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--tables", default="table")
    p.add_argument("--epochs", type=int, default=40)
    p.add_argument("--batch", type=int, default=32)
    p.add_argument("--lr", type=float, default=0.1)
    p.add_argument("--clip", type=float, default=2.0)
    p.add_argument("--precision", choices=["full", "mixed"], default="mixed")
    o = p.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(5)

    base = [v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Normalize(mean=[0.491, 0.482, 0.447], std=[0.247, 0.243, 0.262])]
    train = DataLoader(Table(o.tables + "/train.parquet", v2.Compose([v2.RandomHorizontalFlip(), v2.RandomCrop(32, padding=3)] + base)), o.batch, shuffle=True, drop_last=True)
    valid = DataLoader(Table(o.tables + "/validation.parquet", v2.Compose(base)), 100)

    model = vgg_like([24, "M", 48, "M", 64, 64, "M", 96], 10).to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=o.lr, momentum=0.9, weight_decay=5e-4)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, o.lr, total_steps=o.epochs * len(train), pct_start=0.2, cycle_momentum=False)
    step = Stepper(model, optimizer, scheduler, o.precision, o.clip, device)
    criterion = nn.CrossEntropyLoss()

    for epoch in range(o.epochs):
        model.train()
        mean = 0.0
        for images, labels in train:
            with step.context():
                loss = criterion(model(images.to(device)), labels.to(device))
            step(loss)
            mean += loss.item() / len(train)
        model.eval()
        right = 0
        with torch.no_grad(), step.context():
            for images, labels in valid:
                right += (model(images.to(device)).argmax(-1).cpu() == labels).sum().item()
        print(f"[{epoch}] loss {mean:.3f} lr {scheduler.get_last_lr()[0]:.4f} scale {step.scaler.get_scale():.0f} valid {right / len(valid.dataset):.3f}", flush=True)


if __name__ == "__main__":
    main()
