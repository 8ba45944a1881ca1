import gc
import os
import random
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
import torch.nn as nn
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision import models
from torchvision import transforms as T
from tqdm.auto import tqdm


@dataclass
class CFG:
    root: str = "vehicles"
    weights: str = "weights/efficientnet_b0.pth"
    size: int = 224
    epochs: int = 20
    batch_size: int = 16
    accum: int = 4              # 16 x 4 = 64 pictures an update
    lr: float = 5e-4
    min_lr: float = 1e-6
    wd: float = 1e-2
    max_norm: float = 1.0
    amp: bool = torch.cuda.is_available()
    seed: int = 2021
    device: str = "cuda" if torch.cuda.is_available() else "cpu"


def seed_everything(seed):
    random.seed(seed)
    os.environ["PYTHONHASHSEED"] = str(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


class VehicleDataset(Dataset):
    def __init__(self, df, root, transform):
        self.names = df["file"].values
        self.labels = df["target"].values
        self.root = root
        self.transform = transform

    def __len__(self):
        return len(self.names)

    def __getitem__(self, idx):
        img = Image.open(os.path.join(self.root, "images", self.names[idx])).convert("RGB")
        return self.transform(img), torch.tensor(self.labels[idx], dtype=torch.long)


def get_transforms(cfg, data):
    norm = T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    if data == "train":
        return T.Compose([T.RandomResizedCrop(cfg.size, scale=(0.6, 1.0)), T.RandomHorizontalFlip(),
                          T.RandomRotation(10), T.ToTensor(), norm])
    return T.Compose([T.Resize(int(cfg.size * 8 / 7)), T.CenterCrop(cfg.size), T.ToTensor(), norm])


def train_fn(cfg, loader, model, criterion, optimizer, scaler):
    model.train()
    total, seen = 0.0, 0
    n = len(loader)
    full = n // cfg.accum * cfg.accum
    optimizer.zero_grad()
    for step, (images, labels) in tqdm(enumerate(loader), total=n):
        images, labels = images.to(cfg.device), labels.to(cfg.device)
        with torch.autocast(device_type="cuda" if cfg.amp else "cpu", dtype=torch.float16 if cfg.amp else torch.bfloat16, enabled=cfg.amp):
            loss = criterion(model(images), labels)
        # the last group of an epoch may be shorter
        group = cfg.accum if step < full else n - full
        scaler.scale(loss / group).backward()
        if (step + 1) % cfg.accum == 0 or step + 1 == n:
            scaler.unscale_(optimizer)
            torch.nn.utils.clip_grad_norm_(model.parameters(), cfg.max_norm)
            scaler.step(optimizer)
            scaler.update()
            optimizer.zero_grad()
        total += loss.item() * labels.size(0)
        seen += labels.size(0)
    return total / seen


def valid_fn(cfg, loader, model, criterion):
    model.eval()
    total, preds, truth = 0.0, [], []
    with torch.no_grad():
        for images, labels in loader:
            images, labels = images.to(cfg.device), labels.to(cfg.device)
            logits = model(images)
            total += criterion(logits, labels).item() * labels.size(0)
            preds.append(logits.softmax(1).cpu().numpy())
            truth.append(labels.cpu().numpy())
    preds, truth = np.concatenate(preds), np.concatenate(truth)
    return total / len(truth), (preds.argmax(1) == truth).mean()


def main():
    cfg = CFG()
    seed_everything(cfg.seed)
    train_df = pd.read_csv(f"{cfg.root}/train.csv")
    valid_df = pd.read_csv(f"{cfg.root}/val.csv")
    names = sorted(train_df["label"].unique())
    code = {n: i for i, n in enumerate(names)}
    for df in (train_df, valid_df):
        df["target"] = df["label"].map(code)

    train_loader = DataLoader(VehicleDataset(train_df, cfg.root, get_transforms(cfg, "train")), batch_size=cfg.batch_size,
                              shuffle=True, num_workers=2, pin_memory=cfg.amp)
    valid_loader = DataLoader(VehicleDataset(valid_df, cfg.root, get_transforms(cfg, "valid")), batch_size=cfg.batch_size * 2,
                              shuffle=False, num_workers=2)

    model = models.efficientnet_b0(weights=None)
    model.load_state_dict(torch.load(cfg.weights, map_location="cpu"))
    model.classifier[1] = nn.Linear(model.classifier[1].in_features, len(names))
    model.to(cfg.device)

    optimizer = torch.optim.AdamW(model.parameters(), lr=cfg.lr, weight_decay=cfg.wd)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=cfg.epochs, eta_min=cfg.min_lr)
    criterion = nn.CrossEntropyLoss()
    scaler = torch.amp.GradScaler("cuda", enabled=cfg.amp)

    best_score = 0.0
    for epoch in range(cfg.epochs):
        avg_loss = train_fn(cfg, train_loader, model, criterion, optimizer, scaler)
        avg_val_loss, score = valid_fn(cfg, valid_loader, model, criterion)
        scheduler.step()
        print(f"Epoch {epoch + 1} - loss: {avg_loss:.4f}  val_loss: {avg_val_loss:.4f}  acc: {score:.4f}")
        if score > best_score:
            best_score = score
            torch.save({"model": model.state_dict(), "classes": names}, "vehicles_effb0_best.pth")
    gc.collect()


if __name__ == "__main__":
    main()
