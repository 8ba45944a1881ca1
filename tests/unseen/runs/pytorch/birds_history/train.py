# -*- coding: utf-8 -*-
# Transfer learning, ten kinds of objects, ResNet-50 with ImageNet weights
import torch
import torch.nn as nn
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
from torch.utils.data import DataLoader
from torchvision import datasets, models, transforms

mean, std = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
train_transform = transforms.Compose([
    transforms.RandomResizedCrop(224, scale=(0.5, 1)),
    transforms.RandomHorizontalFlip(),
    transforms.ColorJitter(0.2, 0.2, 0.2),
    transforms.ToTensor(),
    transforms.Normalize(mean, std),
])
valid_transform = transforms.Compose([
    transforms.Resize(256),
    transforms.CenterCrop(224),
    transforms.ToTensor(),
    transforms.Normalize(mean, std),
])
train_set = datasets.ImageFolder("photos/train", train_transform)
valid_set = datasets.ImageFolder("photos/val", valid_transform)
train_dl = DataLoader(train_set, batch_size=32, shuffle=True, num_workers=2)
valid_dl = DataLoader(valid_set, batch_size=32, num_workers=2)
print(train_set.classes)

device = torch.device("cuda:0" if torch.cuda.is_available() else "cpu")
model = models.resnet50(weights=None)
model.load_state_dict(torch.load("weights/resnet50.pth"))
model.fc = nn.Linear(model.fc.in_features, len(train_set.classes))
model = model.to(device)

loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)


def train(model, num_epochs, train_dl, valid_dl):
    loss_hist_train = [0] * num_epochs
    loss_hist_valid = [0] * num_epochs
    acc_hist_train = [0] * num_epochs
    acc_hist_valid = [0] * num_epochs
    for epoch in range(num_epochs):
        model.train()
        for x_batch, y_batch in train_dl:
            x_batch, y_batch = x_batch.to(device), y_batch.to(device)
            pred = model(x_batch)
            loss = loss_fn(pred, y_batch)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            loss_hist_train[epoch] += loss.item() * y_batch.size(0)
            is_correct = (torch.argmax(pred, dim=1) == y_batch).float()
            acc_hist_train[epoch] += is_correct.mean().item()
        loss_hist_train[epoch] /= len(train_dl.dataset)
        acc_hist_train[epoch] /= len(train_dl.dataset)

        model.eval()
        with torch.no_grad():
            for x_batch, y_batch in valid_dl:
                x_batch, y_batch = x_batch.to(device), y_batch.to(device)
                pred = model(x_batch)
                loss_hist_valid[epoch] += loss_fn(pred, y_batch).item() * y_batch.size(0)
                is_correct = (torch.argmax(pred, dim=1) == y_batch).float()
                acc_hist_valid[epoch] += is_correct.mean().item()
        loss_hist_valid[epoch] /= len(valid_dl.dataset)
        acc_hist_valid[epoch] /= len(valid_dl.dataset)
        print(f"Epoch {epoch + 1} accuracy: {acc_hist_train[epoch]:.4f} val_accuracy: {acc_hist_valid[epoch]:.4f}"
              f"  loss: {loss_hist_train[epoch]:.4f} / {loss_hist_valid[epoch]:.4f}")
    return loss_hist_train, loss_hist_valid, acc_hist_train, acc_hist_valid


torch.manual_seed(1)
num_epochs = 20
hist = train(model, num_epochs, train_dl, valid_dl)
torch.save(model.state_dict(), "birds_resnet50.pt")

fig = plt.figure(figsize=(12, 4))
ax = fig.add_subplot(1, 2, 1)
ax.plot(hist[0], "-o", label="Train loss")
ax.plot(hist[1], "--<", label="Validation loss")
ax.legend()
ax = fig.add_subplot(1, 2, 2)
ax.plot(hist[2], "-o", label="Train acc.")
ax.plot(hist[3], "--<", label="Validation acc.")
ax.legend()
fig.savefig("birds_history.png")
