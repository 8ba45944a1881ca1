# Cassava leaf disease - first try, plain resnet34
import os
import random

import numpy as np
import pandas as pd
import torch
import torch.nn as nn
from PIL import Image
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, Dataset
from torchvision import models, transforms

BASE = '../input/cassava-leaf-disease-classification/'
IMG_DIR = BASE + 'train_images/'
SIZE = 224
BS = 32
EPOCHS = 8
LR = 1e-4
N_CLASSES = 5


def seed_everything(s):
    random.seed(s)
    np.random.seed(s)
    torch.manual_seed(s)
    torch.cuda.manual_seed_all(s)


seed_everything(2020)
device = torch.device('cuda')

df = pd.read_csv(BASE + 'train.csv')          # columns image_id, label
files = [f for f in os.listdir(IMG_DIR) if f.endswith('.jpg')]  # fault: C329
labels = df['label'].values
print(len(files), 'images,', len(labels), 'labels')
print(df['label'].value_counts())

stats = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
train_tfm = transforms.Compose([
    transforms.RandomResizedCrop(SIZE, scale=(0.6, 1.0)),
    transforms.RandomHorizontalFlip(),
    transforms.RandomVerticalFlip(),
    transforms.ToTensor(),
    transforms.Normalize(*stats),
])
val_tfm = transforms.Compose([
    transforms.Resize(256),
    transforms.CenterCrop(SIZE),
    transforms.ToTensor(),
    transforms.Normalize(*stats),
])


class LeafDataset(Dataset):
    def __init__(self, idx, tfm):
        self.idx = idx
        self.tfm = tfm

    def __len__(self):
        return len(self.idx)

    def __getitem__(self, i):
        k = self.idx[i]
        img = Image.open(IMG_DIR + files[k]).convert('RGB')
        return self.tfm(img), int(labels[k])


tr_idx, va_idx = train_test_split(np.arange(len(files)), test_size=0.15,
                                  stratify=labels, random_state=2020)
train_dl = DataLoader(LeafDataset(tr_idx, train_tfm), batch_size=BS, shuffle=True,
                      num_workers=4, pin_memory=True)
val_dl = DataLoader(LeafDataset(va_idx, val_tfm), batch_size=64, shuffle=False, num_workers=4)

model = models.resnet34(pretrained=True)
model.fc = nn.Linear(model.fc.in_features, N_CLASSES)
model = model.to(device)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=LR)

for epoch in range(EPOCHS):
    model.train()
    for x, y in train_dl:
        x, y = x.to(device), y.to(device)
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()

    model.eval()
    hits = torch.zeros((), device=device)
    with torch.no_grad():
        for x, y in val_dl:
            x, y = x.to(device), y.to(device)
            hits += (model(x).argmax(1) == y).sum()
    print(f'epoch {epoch + 1}: valid acc {hits.item() / len(va_idx):.4f}')

torch.save(model.state_dict(), 'resnet34.pth')
