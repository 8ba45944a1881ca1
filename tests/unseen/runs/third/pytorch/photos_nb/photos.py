#!/usr/bin/env python
# coding: utf-8

# # Ten kinds of photos with a small MobileNet
#
# Exported from `photos.ipynb`.

# In[1]:


import copy
import time
from pathlib import Path

import torch
import torch.nn as nn
import torch.optim as optim
from torch.optim import lr_scheduler
from torchvision import datasets, models, transforms

torch.manual_seed(42)
device = torch.device("cuda:0" if torch.cuda.is_available() else "cpu")
device


# In[2]:


data_dir = Path("photos")
size = 64
batch_size = 32
num_epochs = 50
lr = 2e-3
gamma = 0.94

mean = [0.491, 0.482, 0.447]
std = [0.247, 0.243, 0.262]

data_transforms = {
    "train": transforms.Compose([
        transforms.RandomResizedCrop(size, scale=(0.5, 1.0)),
        transforms.RandomHorizontalFlip(),
        transforms.ToTensor(),
        transforms.Normalize(mean, std),
    ]),
    "val": transforms.Compose([
        transforms.Resize(size),
        transforms.CenterCrop(size),
        transforms.ToTensor(),
        transforms.Normalize(mean, std),
    ]),
}


# In[3]:


image_datasets = {x: datasets.ImageFolder(data_dir / x, data_transforms[x]) for x in ["train", "val"]}
assert image_datasets["train"].class_to_idx == image_datasets["val"].class_to_idx
dataloaders = {
    x: torch.utils.data.DataLoader(image_datasets[x], batch_size=batch_size, shuffle=(x == "train"), num_workers=0)
    for x in ["train", "val"]
}
dataset_sizes = {x: len(image_datasets[x]) for x in ["train", "val"]}
class_names = image_datasets["train"].classes
print(dataset_sizes, class_names)


# Have a look at one batch.

# In[4]:


inputs, classes = next(iter(dataloaders["train"]))
print(inputs.shape, inputs.mean().item(), inputs.std().item())
print([class_names[c] for c in classes[:8]])


# In[5]:


model = models.mobilenet_v2(weights=None, width_mult=0.5, dropout=0.1)
model.classifier[1] = nn.Linear(model.last_channel, len(class_names))
model = model.to(device)
sum(p.numel() for p in model.parameters())


# In[6]:


criterion = nn.CrossEntropyLoss()
optimizer = optim.AdamW(model.parameters(), lr=lr, weight_decay=0.01)
scheduler = lr_scheduler.ExponentialLR(optimizer, gamma=gamma)  # 2e-3 down to about 1e-4 over the run


# In[7]:


def run_epoch(model, phase, epoch):
    training = phase == "train"
    model.train(training)
    running_loss, running_corrects = 0.0, 0
    for i, (inputs, labels) in enumerate(dataloaders[phase]):
        inputs = inputs.to(device)
        labels = labels.to(device)
        with torch.set_grad_enabled(training):
            outputs = model(inputs)
            _, preds = torch.max(outputs, 1)
            loss = criterion(outputs, labels)
            if training:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                scheduler.step()
        running_loss += loss.item() * inputs.size(0)
        running_corrects += torch.sum(preds == labels.data).item()
        if training and i % 10 == 0:
            print(f"  [{epoch}] {i}/{len(dataloaders[phase])} loss {loss.item():.3f}", flush=True)
    return running_loss / dataset_sizes[phase], running_corrects / dataset_sizes[phase]


# In[8]:


def train_model(model, num_epochs):
    since = time.time()
    best_model_wts = copy.deepcopy(model.state_dict())
    best_acc = 0.0
    history = {"train": [], "val": []}
    for epoch in range(num_epochs):
        print(f"Epoch {epoch}/{num_epochs - 1}")
        print("-" * 10)
        for phase in ["train", "val"]:
            epoch_loss, epoch_acc = run_epoch(model, phase, epoch)
            history[phase].append((epoch_loss, epoch_acc))
            print(f"{phase} Loss: {epoch_loss:.4f} Acc: {epoch_acc:.4f}")
            if phase == "val" and epoch_acc > best_acc:
                best_acc = epoch_acc
                best_model_wts = copy.deepcopy(model.state_dict())
        print(flush=True)
    elapsed = time.time() - since
    print(f"Training complete in {elapsed // 60:.0f}m {elapsed % 60:.0f}s, best val Acc: {best_acc:.4f}")
    model.load_state_dict(best_model_wts)
    return model, history


# In[9]:


model, history = train_model(model, num_epochs)


# In[10]:


out = Path("runs/photos_nb")
out.mkdir(parents=True, exist_ok=True)
torch.save({"model": model.state_dict(), "classes": class_names, "history": history}, out / "mobilenet.pt")


# Which kinds are confused?

# In[11]:


confusion = torch.zeros(len(class_names), len(class_names), dtype=torch.long)
model.eval()
with torch.no_grad():
    for inputs, labels in dataloaders["val"]:
        preds = model(inputs.to(device)).argmax(1).cpu()
        for t, p in zip(labels, preds):
            confusion[t, p] += 1
print(confusion)
