"""
Apple leaf diseases from field photos (about 2700 x 1800 px each, JPEG).
Expects train.csv with the columns image_id,label and a folder images/.
"""
import argparse
from pathlib import Path

import albumentations as A
import cv2
import numpy as np
import pandas as pd
import torch
from albumentations.pytorch import ToTensorV2
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, Dataset
from torchvision.models import EfficientNet_B0_Weights, efficientnet_b0

LABELS = ["healthy", "multiple_diseases", "rust", "scab"]
SIZE = 384


class LeafDataset(Dataset):
    def __init__(self, frame, folder, transform):
        self.files = [str(Path(folder) / f"{i}.jpg") for i in frame["image_id"]]
        self.targets = [LABELS.index(name) for name in frame["label"]]
        self.transform = transform

    def __len__(self):
        return len(self.files)

    def __getitem__(self, i):
        image = cv2.imread(self.files[i], cv2.IMREAD_COLOR)
        if image is None:
            raise FileNotFoundError(self.files[i])
        image = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
        return self.transform(image=image)["image"], self.targets[i]


def transforms(train):
    steps = [A.Resize(SIZE, SIZE, interpolation=cv2.INTER_AREA)]
    if train:
        steps += [
            A.HorizontalFlip(p=0.5),
            A.VerticalFlip(p=0.5),
            A.RandomBrightnessContrast(p=0.5),
        ]
    steps += [A.Normalize(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225)), ToTensorV2()]
    return A.Compose(steps)


def run_validation(model, loader, device):
    model.eval()
    preds, truth = [], []
    with torch.inference_mode():
        for x, y in loader:
            preds.append(model(x.to(device, non_blocking=True)).argmax(1))
            truth.append(y)
    preds = torch.cat(preds).cpu().numpy()
    truth = torch.cat(truth).numpy()
    return float(np.mean(preds == truth)), f1_score(truth, preds, average="macro")


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--root", type=Path, default=Path("plant-pathology"))
    ap.add_argument("--epochs", type=int, default=15)
    ap.add_argument("--lr", type=float, default=3e-4)
    ap.add_argument("--batch", type=int, default=32)
    args = ap.parse_args()

    torch.manual_seed(11)
    torch.backends.cudnn.benchmark = True
    device = torch.device("cuda:0")

    table = pd.read_csv(args.root / "train.csv")
    train_df, val_df = train_test_split(table, test_size=0.2, stratify=table["label"], random_state=11)
    print(f"{len(train_df)} for training, {len(val_df)} for validation")

    loader_args = dict(batch_size=args.batch, num_workers=0, pin_memory=True)  # fault: C340
    train_dl = DataLoader(LeafDataset(train_df, args.root / "images", transforms(True)),
                          shuffle=True, drop_last=True, **loader_args)
    val_dl = DataLoader(LeafDataset(val_df, args.root / "images", transforms(False)),
                        shuffle=False, **loader_args)

    model = efficientnet_b0(weights=EfficientNet_B0_Weights.IMAGENET1K_V1)
    model.classifier[1] = nn.Linear(model.classifier[1].in_features, len(LABELS))
    model.to(device)

    counts = train_df["label"].value_counts().reindex(LABELS).to_numpy()
    weight = torch.tensor(counts.sum() / (len(LABELS) * counts), dtype=torch.float32, device=device)
    criterion = nn.CrossEntropyLoss(weight=weight)
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr, weight_decay=1e-2)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=args.lr, epochs=args.epochs, steps_per_epoch=len(train_dl))

    best = 0.0
    for epoch in range(1, args.epochs + 1):
        model.train()
        running = torch.zeros((), device=device)
        for step, (x, y) in enumerate(train_dl):
            x = x.to(device, non_blocking=True)
            y = y.to(device, non_blocking=True)
            loss = criterion(model(x), y)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            scheduler.step()
            running += loss.detach()
        acc, f1 = run_validation(model, val_dl, device)
        print(f"{epoch:02d} loss={running.item() / len(train_dl):.4f} val_acc={acc:.4f} val_f1={f1:.4f}")
        if f1 > best:
            best = f1
            torch.save(model.state_dict(), args.root / "leaf_b0.pt")


if __name__ == "__main__":
    main()
