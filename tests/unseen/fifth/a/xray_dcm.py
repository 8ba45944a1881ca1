"""Chest X-rays (DICOM), opacity yes/no. One picture for each patient.

Needs: pydicom, pandas, scikit-learn, torch, torchvision
"""
import os
import random

import numpy as np
import pandas as pd
import pydicom
import torch
import torch.nn as nn
from PIL import Image
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, Dataset
from torchvision import models, transforms

ROOT = "/kaggle/input/chest/stage_2_train_images"
CSV = "/kaggle/input/chest/labels.csv"
SIZE = 320
BS = 24
EPOCHS = 12
SEED = 1905


def set_seed(seed):
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    torch.cuda.manual_seed_all(seed)


def read_dcm(path):
    d = pydicom.dcmread(path)
    a = d.pixel_array.astype(np.float32)
    a = (a - a.min()) / max(float(a.max() - a.min()), 1e-6)
    if d.PhotometricInterpretation == "MONOCHROME1":
        a = 1.0 - a
    return Image.fromarray((a * 255).astype(np.uint8)).convert("RGB")


class ChestSet(Dataset):
    def __init__(self, frame, tf):
        self.ids = frame["patientId"].to_numpy()
        self.t = frame["Target"].to_numpy().astype(np.float32)
        self.tf = tf

    def __len__(self):
        return len(self.ids)

    def __getitem__(self, i):
        img = read_dcm(os.path.join(ROOT, self.ids[i] + ".dcm"))
        return self.tf(img), torch.tensor(self.t[i])


normalise = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
train_tf = transforms.Compose([
    transforms.Resize((SIZE, SIZE)),
    transforms.RandomAffine(degrees=8, translate=(0.05, 0.05), scale=(0.9, 1.1)),
    transforms.RandomHorizontalFlip(),
    transforms.ToTensor(),
    normalise,
])
valid_tf = transforms.Compose([transforms.Resize((SIZE, SIZE)), transforms.ToTensor(), normalise])


def prepare():
    table = pd.read_csv(CSV).drop_duplicates("patientId")[["patientId", "Target"]]
    pos = table[table.Target == 1]
    neg = table[table.Target == 0]
    print("before:", len(neg), len(pos))
    pos = pos.sample(n=len(neg), replace=True, random_state=SEED)  # fault: C331
    table = pd.concat([neg, pos]).sample(frac=1.0, random_state=SEED).reset_index(drop=True)
    print("after: ", table.Target.value_counts().to_dict())
    return train_test_split(table, test_size=0.2, stratify=table.Target, random_state=SEED)


def main():
    set_seed(SEED)
    dev = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    train_df, valid_df = prepare()
    train = DataLoader(ChestSet(train_df, train_tf), batch_size=BS, shuffle=True, num_workers=8,
                       pin_memory=True, drop_last=True)
    valid = DataLoader(ChestSet(valid_df, valid_tf), batch_size=BS, shuffle=False, num_workers=8, pin_memory=True)

    net = models.densenet121(weights=models.DenseNet121_Weights.IMAGENET1K_V1)
    net.classifier = nn.Linear(net.classifier.in_features, 1)
    net.to(dev)

    crit = nn.BCEWithLogitsLoss()
    opt = torch.optim.Adam(net.parameters(), lr=1e-4)
    plan = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, mode="max", factor=0.3, patience=1)

    best = 0.0
    for epoch in range(EPOCHS):
        net.train()
        run = torch.zeros((), device=dev)
        for x, y in train:
            x, y = x.to(dev, non_blocking=True), y.to(dev, non_blocking=True)
            opt.zero_grad()
            loss = crit(net(x).squeeze(1), y)
            loss.backward()
            opt.step()
            run += loss.detach()

        net.eval()
        p, t = [], []
        with torch.no_grad():
            for x, y in valid:
                p.append(net(x.to(dev, non_blocking=True)).squeeze(1))
                t.append(y)
        auc = roc_auc_score(torch.cat(t).numpy(), torch.cat(p).cpu().numpy())
        plan.step(auc)
        print(f"epoch {epoch}: loss {(run / len(train)).item():.4f}  valid AUC {auc:.4f}")
        if auc > best:
            best = auc
            torch.save(net.state_dict(), "chest_densenet.pt")


if __name__ == "__main__":
    main()
