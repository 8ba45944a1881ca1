#!/usr/bin/env python
# coding: utf-8

# # Clothes classification with a small CNN
# 
# Homework 3. We read the idx files by hand, look at the data, build a CNN and train it.

# In[1]:


import os
import struct
import time
from collections import defaultdict

import numpy as np
import torch
import torch.nn as nn
import torch.optim as optim
from torch.utils.data import DataLoader, Dataset
from torch.utils.data.sampler import SubsetRandomSampler

torch.manual_seed(0)
np.random.seed(0)
device = "cuda:0" if torch.cuda.is_available() else "cpu"
device


# ## 1. Data

# In[2]:


def load_idx_images(path):
    with open(path, "rb") as f:
        _, n, rows, cols = struct.unpack(">IIII", f.read(16))
        return np.frombuffer(f.read(), dtype=np.uint8).reshape(n, rows, cols)


def load_idx_labels(path):
    with open(path, "rb") as f:
        _, n = struct.unpack(">II", f.read(8))
        return np.frombuffer(f.read(), dtype=np.uint8)


X = load_idx_images("fashion/train-images-idx3-ubyte")
y = load_idx_labels("fashion/train-labels-idx1-ubyte")
X.shape, y.shape, X.dtype, X.min(), X.max()


# In[3]:


label_names = ["t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot"]
for k, name in enumerate(label_names):
    print(name, (y == k).sum())


# In[4]:


class ClothesDataset(Dataset):
    def __init__(self, images, labels):
        self.images = images
        self.labels = labels

    def __len__(self):
        return len(self.images)

    def __getitem__(self, idx):
        img = self.images[idx].astype(np.float32) / 255.0
        img = (img - 0.286) / 0.353
        return torch.from_numpy(img).unsqueeze(0), int(self.labels[idx])


dataset = ClothesDataset(X, y)
img, lab = dataset[0]
img.shape, img.dtype, lab


# Keep 20 % for validation.

# In[5]:


batch_size = 50
validation_split = 0.2

indices = np.random.permutation(len(dataset))
split = int(np.floor(validation_split * len(dataset)))
val_indices, train_indices = indices[:split], indices[split:]

train_loader = DataLoader(dataset, batch_size=batch_size, sampler=SubsetRandomSampler(train_indices.tolist()))
val_loader = DataLoader(dataset, batch_size=batch_size, sampler=SubsetRandomSampler(val_indices.tolist()))
len(train_loader), len(val_loader)


# ## 2. Model

# In[6]:


class Net(nn.Module):
    def __init__(self, num_classes=10):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(1, 32, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(32)
        self.conv2 = nn.Conv2d(32, 64, 3, padding=1)
        self.bn2 = nn.BatchNorm2d(64)
        self.conv3 = nn.Conv2d(64, 128, 3, padding=1)
        self.bn3 = nn.BatchNorm2d(128)
        self.pool = nn.MaxPool2d(2)
        self.relu = nn.ReLU()
        self.dropout = nn.Dropout(0.3)
        self.fc1 = nn.Linear(128 * 3 * 3, 256)
        self.fc2 = nn.Linear(256, num_classes)

    def forward(self, x):
        x = self.pool(self.relu(self.bn1(self.conv1(x))))
        x = self.pool(self.relu(self.bn2(self.conv2(x))))
        x = self.pool(self.relu(self.bn3(self.conv3(x))))
        x = x.view(x.size(0), -1)
        x = self.dropout(self.relu(self.fc1(x)))
        return self.fc2(x)


model = Net().to(device)
print(model)
print("parameters:", sum(p.numel() for p in model.parameters()))


# ## 3. Training

# In[7]:


criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4, nesterov=True)
scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=12, gamma=0.2)


# In[8]:


def run_epoch(loader, train):
    model.train(train)
    loss_sum, correct = 0.0, 0
    with torch.set_grad_enabled(train):
        for images, labels in loader:
            images, labels = images.to(device), labels.to(device)
            outputs = model(images)
            loss = criterion(outputs, labels)
            if train:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            loss_sum += loss.item()
            correct += (outputs.argmax(dim=1) == labels).sum().item()
    return loss_sum / len(loader), 100.0 * correct / len(loader.dataset)


# In[9]:


history = defaultdict(list)
best_acc, patience, bad = 0.0, 10, 0
os.makedirs("fashion_out", exist_ok=True)

for epoch in range(1, 41):
    t = time.time()
    train_loss, train_acc = run_epoch(train_loader, True)
    val_loss, val_acc = run_epoch(val_loader, False)
    scheduler.step()
    for key, value in [("train_loss", train_loss), ("train_acc", train_acc), ("val_loss", val_loss), ("val_acc", val_acc)]:
        history[key].append(value)
    print("Epoch %2d/40  loss %.4f  acc %.2f%%  val_loss %.4f  val_acc %.2f%%  (%.0fs)"
          % (epoch, train_loss, train_acc, val_loss, val_acc, time.time() - t), flush=True)
    if val_acc > best_acc:
        best_acc, bad = val_acc, 0
        torch.save(model.state_dict(), "fashion_out/model.pt")
    else:
        bad += 1
        if bad >= patience:
            print("early stopping")
            break


# In[10]:


print("best validation accuracy: %.2f%%" % best_acc)
np.savez("fashion_out/history.npz", **{k: np.array(v) for k, v in history.items()})
