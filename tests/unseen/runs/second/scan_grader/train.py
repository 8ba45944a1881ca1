# Scan grading (3 grades), single model baseline, 1 fold
import random
import numpy as np
import pandas as pd
import torch
import torch.nn as nn
import torch.nn.functional as F
from PIL import Image
from torch.utils.data import Dataset, DataLoader
from torchvision import models

SEED = 2021
SIZE = 128
BS = 32
EPOCHS = 30
LR = 3e-4
N_CLASSES = 3
DEVICE = 'cuda' if torch.cuda.is_available() else 'cpu'

random.seed(SEED); np.random.seed(SEED); torch.manual_seed(SEED)

# ---------------------------------------------------------------- tables
train_df = pd.read_csv('scans_train.csv')
valid_df = pd.read_csv('scans_val.csv')
print(train_df.label.value_counts())


def load_all(paths):
    """decode everything once, the set is small enough for RAM"""
    out = np.zeros((len(paths), SIZE, SIZE, 3), dtype=np.uint8)
    for i, p in enumerate(paths):
        out[i] = np.asarray(Image.open(p).convert('RGB').resize((SIZE, SIZE), Image.BILINEAR))
    return out


X_train = load_all(train_df.path.values)
X_valid = load_all(valid_df.path.values)

# channel statistics from the training scans only
mean = X_train.reshape(-1, 3).mean(0) / 255.
std = X_train.reshape(-1, 3).std(0) / 255.
print('mean', mean, 'std', std)

# the csv is written in acquisition order, so mix it before making batches
train_df = train_df.sample(frac=1., random_state=SEED).reset_index(drop=True)


# ---------------------------------------------------------------- dataset
class ScanDataset(Dataset):
    def __init__(self, images, df, train):
        self.images = images
        self.df = df
        self.train = train

    def __len__(self):
        return len(self.df)

    def __getitem__(self, idx):
        img = self.images[idx]
        if self.train:
            if random.random() < 0.5:
                img = img[:, ::-1]
            if random.random() < 0.5:
                img = img[::-1]
        x = (img.astype(np.float32) / 255. - mean) / std
        x = torch.from_numpy(np.ascontiguousarray(x.transpose(2, 0, 1))).float()
        return x, int(self.df.label[idx])


train_loader = DataLoader(ScanDataset(X_train, train_df, True), batch_size=BS, shuffle=True, drop_last=True)
valid_loader = DataLoader(ScanDataset(X_valid, valid_df, False), batch_size=BS, shuffle=False)

# ---------------------------------------------------------------- model
model = models.resnet18(weights=None)
model.load_state_dict(torch.load('weights/resnet18.pth', map_location='cpu'))
model.fc = nn.Sequential(nn.Dropout(0.3), nn.Linear(512, N_CLASSES))
model = model.to(DEVICE)

optimizer = torch.optim.Adam(model.parameters(), lr=LR, weight_decay=1e-5)
scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, mode='min', factor=0.5, patience=3)

best = np.inf
for epoch in range(EPOCHS):
    model.train()
    tl = []
    for x, y in train_loader:
        x, y = x.to(DEVICE), y.to(DEVICE)
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        tl.append(loss.item())

    model.eval()
    vl, preds = [], []
    with torch.no_grad():
        for x, y in valid_loader:
            out = model(x.to(DEVICE))
            vl.append(F.cross_entropy(out, y.to(DEVICE), reduction='none').cpu())
            preds.append(out.argmax(1).cpu())
    vl = torch.cat(vl).mean().item()
    acc = (torch.cat(preds).numpy() == valid_df.label.values).mean()
    scheduler.step(vl)
    print(f'epoch {epoch} train {np.mean(tl):.4f} valid {vl:.4f} acc {acc:.4f}')
    if vl < best:
        best = vl
        torch.save(model.state_dict(), 'scan_fold0.pth')
