# Классификация транспорта: папка с картинками + CSV (file,label)
import os
import random

import numpy as np
import pandas as pd
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset
from torchvision import models

import imgproc

SEED = 42
DATA = "vehicles"
SIZE = 192
BATCH = 32
EPOCHS = 40
LR = 0.01
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"

random.seed(SEED)
np.random.seed(SEED)
torch.manual_seed(SEED)


class TrainSet(Dataset):
    def __init__(self, csv_file, classes):
        self.df = pd.read_csv(os.path.join(DATA, csv_file))
        self.classes = classes

    def __len__(self):
        return len(self.df)

    def __getitem__(self, i):
        row = self.df.iloc[i]
        img = imgproc.imread(os.path.join(DATA, "images", row["file"]))
        img = imgproc.random_crop(img, scale=random.uniform(0.7, 1.0))
        img = imgproc.resize(img, SIZE)
        if random.random() < 0.5:
            img = img[:, ::-1]
        img = imgproc.random_brightness(img, 0.2)
        return imgproc.to_tensor(img), self.classes.index(row["label"])


class ValSet(Dataset):
    def __init__(self, csv_file, classes):
        self.df = pd.read_csv(os.path.join(DATA, csv_file))
        self.classes = classes

    def __len__(self):
        return len(self.df)

    def __getitem__(self, i):
        row = self.df.iloc[i]
        img = imgproc.bgr2rgb(imgproc.imread(os.path.join(DATA, "images", row["file"])))
        return imgproc.to_tensor(imgproc.resize(img, SIZE)), self.classes.index(row["label"])


def worker_init(_):
    s = torch.initial_seed() % 2 ** 32
    random.seed(s)
    np.random.seed(s)


classes = sorted(pd.read_csv(os.path.join(DATA, "train.csv"))["label"].unique())
train_loader = DataLoader(TrainSet("train.csv", classes), BATCH, shuffle=True, num_workers=2, worker_init_fn=worker_init)
val_loader = DataLoader(ValSet("val.csv", classes), BATCH, num_workers=2)

net = models.resnet34(weights=None)
net.load_state_dict(torch.load("weights/resnet34.pth"))
net.fc = nn.Linear(net.fc.in_features, len(classes))
net.to(DEVICE)

# голова учится быстрее, чем предобученная часть
body = [p for n, p in net.named_parameters() if not n.startswith("fc.")]
opt = torch.optim.SGD([{"params": body, "lr": LR * 0.1}, {"params": net.fc.parameters()}], lr=LR, momentum=0.9, weight_decay=1e-4)
sched = torch.optim.lr_scheduler.StepLR(opt, 15, 0.1)
loss_fn = nn.CrossEntropyLoss()

for epoch in range(EPOCHS):
    net.train()
    s = 0.0
    for x, y in train_loader:
        x, y = x.to(DEVICE), y.to(DEVICE)
        loss = loss_fn(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        s += loss.item()
    sched.step()

    net.eval()
    right = 0
    with torch.no_grad():
        for x, y in val_loader:
            right += (net(x.to(DEVICE)).argmax(1).cpu() == y).sum().item()
    print(f"эпоха {epoch + 1:02d}: loss {s / len(train_loader):.4f}, точность {right / len(val_loader.dataset):.4f}")

torch.save(net.state_dict(), "vehicles_r34.pth")
