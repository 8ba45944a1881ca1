import glob
import os

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset, Subset
from torchvision import transforms as T

FOLDER = "numbered"
EPOCHS = 60
MEAN, STD = [0.49, 0.48, 0.45], [0.25, 0.24, 0.26]


class NumberedImages(Dataset):
    """img_<n>.png with row n of labels.npy."""

    def __init__(self, folder, transform):
        self.files = sorted(glob.glob(os.path.join(folder, "img_*.png")))
        self.labels = np.load(os.path.join(folder, "labels.npy"))
        assert len(self.files) == len(self.labels)
        self.transform = transform

    def __len__(self):
        return len(self.files)

    def __getitem__(self, idx):
        image = Image.open(self.files[idx]).convert("RGB")
        return self.transform(image), int(self.labels[idx])


class BasicBlock(nn.Module):
    def __init__(self, cin, cout, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(cout)
        self.conv2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(cout)
        self.skip = nn.Identity() if cin == cout and stride == 1 else nn.Sequential(
            nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))

    def forward(self, x):
        out = torch.relu(self.bn1(self.conv1(x)))
        return torch.relu(self.bn2(self.conv2(out)) + self.skip(x))


def resnet(width=24, classes=10):
    return nn.Sequential(
        nn.Conv2d(3, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(),
        BasicBlock(width, width, 1), BasicBlock(width, 2 * width, 2), BasicBlock(2 * width, 4 * width, 2),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4 * width, classes))


train_tf = T.Compose([T.RandomCrop(40, padding=4), T.RandomHorizontalFlip(), T.ToTensor(), T.Normalize(MEAN, STD)])
eval_tf = T.Compose([T.ToTensor(), T.Normalize(MEAN, STD)])

full = NumberedImages(FOLDER, train_tf)
perm = np.random.RandomState(0).permutation(len(full))
n_val = len(full) // 5
train_ds = Subset(full, perm[n_val:].tolist())
val_ds = Subset(NumberedImages(FOLDER, eval_tf), perm[:n_val].tolist())
loaders = {"train": DataLoader(train_ds, batch_size=32, shuffle=True, drop_last=True),
           "val": DataLoader(val_ds, batch_size=80, shuffle=False)}

torch.manual_seed(0)
model = resnet()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4)
plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, mode="max", factor=0.3, patience=6)
criterion = nn.CrossEntropyLoss()

for epoch in range(EPOCHS):
    for phase in ("train", "val"):
        model.train() if phase == "train" else model.eval()
        loss_sum, correct, n = 0.0, 0, 0
        for inputs, labels in loaders[phase]:
            optimizer.zero_grad()
            with torch.set_grad_enabled(phase == "train"):
                outputs = model(inputs)
                loss = criterion(outputs, labels)
                if phase == "train":
                    loss.backward()
                    optimizer.step()
            loss_sum += loss.item() * len(labels)
            correct += (outputs.argmax(1) == labels).sum().item()
            n += len(labels)
        print(f"epoch {epoch} {phase:5s} loss {loss_sum / n:.4f} acc {correct / n:.4f}", flush=True)
    plateau.step(correct / n)
