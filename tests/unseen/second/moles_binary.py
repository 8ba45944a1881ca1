# Faulty: C308, C311: a sigmoid output goes into BCEWithLogitsLoss, and validation runs in training mode.
"""
Melanoma or naevus?  Binary classifier on dermoscopic images.
meta.csv: image, malignant (0/1), patient, fold
"""
import os

import albumentations as A
import cv2
import numpy as np
import pandas as pd
import torch
import torch.nn as nn
from albumentations.pytorch import ToTensorV2
from sklearn.metrics import roc_auc_score
from torch.utils.data import DataLoader, Dataset
from torchvision.models import DenseNet169_Weights, densenet169

IMG_DIR = "derm/jpeg"
IMG = 224
BS = 36
N_EPOCHS = 15
VAL_FOLD = 0
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

train_aug = A.Compose([
    A.Resize(IMG, IMG),
    A.HorizontalFlip(p=0.5),
    A.VerticalFlip(p=0.5),
    A.RandomRotate90(p=0.5),
    A.HueSaturationValue(p=0.3),
    A.Normalize(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225)),
    ToTensorV2(),
])
val_aug = A.Compose([
    A.Resize(IMG, IMG),
    A.Normalize(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225)),
    ToTensorV2(),
])


class Moles(Dataset):
    def __init__(self, df, aug):
        self.files = df.image.values
        self.labels = df.malignant.values.astype(np.float32)
        self.aug = aug

    def __len__(self):
        return len(self.files)

    def __getitem__(self, i):
        bgr = cv2.imread(os.path.join(IMG_DIR, self.files[i] + ".jpg"))
        rgb = bgr[:, :, ::-1].copy()
        return self.aug(image=rgb)["image"], self.labels[i]


class MoleNet(nn.Module):
    def __init__(self):
        super().__init__()
        base = densenet169(weights=DenseNet169_Weights.IMAGENET1K_V1)
        self.features = base.features
        self.drop = nn.Dropout(0.4)
        self.fc = nn.Linear(base.classifier.in_features, 1)

    def forward(self, x):
        f = torch.relu(self.features(x)).mean(dim=(2, 3))
        return torch.sigmoid(self.fc(self.drop(f))).squeeze(1)


def main():
    torch.manual_seed(271)
    meta = pd.read_csv("derm/meta.csv")  # folds are by patient
    train_dl = DataLoader(Moles(meta[meta.fold != VAL_FOLD], train_aug), batch_size=BS, shuffle=True,
                          num_workers=8, drop_last=True)
    val_dl = DataLoader(Moles(meta[meta.fold == VAL_FOLD], val_aug), batch_size=BS, num_workers=8)

    model = MoleNet().to(device)
    criterion = nn.BCEWithLogitsLoss()  # fault: C308
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4, weight_decay=1e-6)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=N_EPOCHS, eta_min=1e-6)

    best_auc = 0
    for epoch in range(N_EPOCHS):
        model.train()
        tot = 0
        for x, y in train_dl:
            x, y = x.to(device), y.to(device)
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            tot += loss.item()
        scheduler.step()

        # ---- validation ----
        probs, truth = [], []
        for x, y in val_dl:  # fault: C311
            out = model(x.to(device))
            probs.append(out.detach().cpu().numpy())
            truth.append(y.numpy())
        probs, truth = np.concatenate(probs), np.concatenate(truth)
        auc = roc_auc_score(truth, probs)
        acc = ((probs > 0.5) == (truth > 0.5)).mean()
        print(f"ep {epoch} | loss {tot / len(train_dl):.4f} | auc {auc:.4f} | acc {acc:.4f}")
        if auc > best_auc:
            best_auc = auc
            torch.save(model.state_dict(), "moles_best.pt")


if __name__ == "__main__":
    main()
