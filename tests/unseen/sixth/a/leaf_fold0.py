# leaf disease competition - baseline, fold 0 only
import os
import random

import numpy as np
import pandas as pd
import torch
import torch.nn as nn
from PIL import Image
from sklearn.model_selection import StratifiedKFold
from torch.utils.data import Dataset, DataLoader
from torchvision import models, transforms

ROOT = '../input/leaf-disease'
SEED = 2021
BS = 32
EPOCHS = 12
LR = 3e-4
SIZE = 224
N_CLASSES = 5
DEVICE = torch.device('cuda' if torch.cuda.is_available() else 'cpu')

random.seed(SEED)
np.random.seed(SEED)
torch.manual_seed(SEED)

df = pd.read_csv(os.path.join(ROOT, 'train.csv'))      # image_id, label
skf = StratifiedKFold(n_splits=5, shuffle=True, random_state=SEED)
trn_idx, val_idx = next(iter(skf.split(df.image_id, df.label)))
trn_df = df.iloc[trn_idx].reset_index(drop=True)
val_df = df.iloc[val_idx].reset_index(drop=True)
print(len(trn_df), len(val_df))

MEAN = [0.485, 0.456, 0.406]
STD = [0.229, 0.224, 0.225]

trn_tf = transforms.Compose([
    transforms.RandomResizedCrop(SIZE, scale=(0.6, 1.0)),
    transforms.RandomHorizontalFlip(),
    transforms.RandomVerticalFlip(),
    transforms.ToTensor(),
    transforms.Normalize(MEAN, STD),
])
val_tf = transforms.Compose([
    transforms.Resize(256),
    transforms.CenterCrop(SIZE),
    transforms.ToTensor(),
    transforms.Normalize(MEAN, STD),
])


class Leaves(Dataset):
    def __init__(self, frame, tf):
        self.ids = frame.image_id.values
        self.y = frame.label.values
        self.tf = tf

    def __len__(self):
        return len(self.ids)

    def __getitem__(self, i):
        img = Image.open(f'{ROOT}/train_images/{self.ids[i]}').convert('RGB')
        return self.tf(img), int(self.y[i])


trn_dl = DataLoader(Leaves(trn_df, trn_tf), batch_size=BS, shuffle=True, num_workers=4, pin_memory=True)
val_dl = DataLoader(Leaves(val_df, val_tf), batch_size=BS * 2, shuffle=False, num_workers=4, pin_memory=True)

model = models.efficientnet_b0(weights=models.EfficientNet_B0_Weights.IMAGENET1K_V1)
model.classifier[1] = nn.Linear(1280, N_CLASSES)
model = model.to(DEVICE)

criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=LR, weight_decay=1e-6)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=EPOCHS)

best = 0.0
for epoch in range(EPOCHS):
    model.train()
    optimizer.zero_grad()  # fault: C310
    tot = torch.zeros((), device=DEVICE)
    n = 0
    for x, y in trn_dl:
        x = x.to(DEVICE, non_blocking=True)
        y = y.to(DEVICE, non_blocking=True)
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        tot += loss.detach() * x.size(0)
        n += x.size(0)
    trn_loss = (tot / n).item()

    model.eval()
    hit = torch.zeros((), device=DEVICE)
    m = 0
    with torch.no_grad():
        for x, y in val_dl:
            x = x.to(DEVICE, non_blocking=True)
            y = y.to(DEVICE, non_blocking=True)
            hit += (model(x).argmax(1) == y).sum()
            m += y.size(0)
    acc = (hit / m).item()
    scheduler.step()
    print(f'ep {epoch:02d}  trn {trn_loss:.4f}  cv {acc:.4f}')
    if acc > best:
        best = acc
        torch.save(model.state_dict(), 'b0_fold0.pth')
print('best cv', best)
