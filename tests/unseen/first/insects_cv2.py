# Faulty: N207: cv2.imread returns BGR and is never converted, the pretrained weights and the ImageNet statistics want RGB
"""IP102 subset, pest recognition.  Usage: python insects_cv2.py fit | python insects_cv2.py test"""
import os
import sys
import json

import albumentations as A
import cv2
import numpy as np
import pandas as pd
import torch
import torch.nn as nn
from albumentations.pytorch import ToTensorV2
from torch.utils.data import Dataset, DataLoader
from torchvision.models import mobilenet_v2, MobileNet_V2_Weights
from tqdm import tqdm

BASE = os.environ.get("IP102", "/data/ip102")


class PestDataset(Dataset):
    def __init__(self, csv_file, transforms):
        table = pd.read_csv(os.path.join(BASE, csv_file))
        self.paths = [os.path.join(BASE, "images", p) for p in table.path]
        self.targets = table.target.to_numpy(dtype=np.int64)
        self.transforms = transforms

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        img = cv2.imread(self.paths[index], cv2.IMREAD_COLOR)  # fault: N207
        if img is None:
            raise FileNotFoundError(self.paths[index])
        img = self.transforms(image=img)["image"]
        return img, self.targets[index]


def get_transforms(mode):
    tail = [A.Normalize(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225)), ToTensorV2()]
    if mode == "train":
        return A.Compose([
            A.SmallestMaxSize(256),
            A.RandomCrop(224, 224),
            A.HorizontalFlip(p=0.5),
            A.ShiftScaleRotate(shift_limit=0.05, scale_limit=0.1, rotate_limit=25, p=0.5),
            A.RandomBrightnessContrast(p=0.3),
        ] + tail)
    return A.Compose([A.SmallestMaxSize(256), A.CenterCrop(224, 224)] + tail)


class PestClassifier:
    def __init__(self, n_classes=40, lr=0.005, epochs=25):
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.model = mobilenet_v2(weights=MobileNet_V2_Weights.IMAGENET1K_V2)
        self.model.classifier[1] = nn.Linear(self.model.last_channel, n_classes)
        self.model.to(self.device)
        self.loss = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=lr, momentum=0.9, weight_decay=4e-5)
        self.scheduler = torch.optim.lr_scheduler.StepLR(self.optimizer, step_size=10, gamma=0.1)
        self.epochs = epochs
        self.log = []

    def fit(self, train_loader, val_loader):
        best = 0
        for epoch in range(self.epochs):
            self.model.train()
            losses = []
            bar = tqdm(train_loader, desc=f"epoch {epoch}")
            for images, targets in bar:
                images, targets = images.to(self.device), targets.to(self.device)
                self.optimizer.zero_grad()
                loss = self.loss(self.model(images), targets)
                loss.backward()
                self.optimizer.step()
                losses.append(loss.item())
                bar.set_postfix(loss=np.mean(losses[-50:]))
            self.scheduler.step()
            acc = self.evaluate(val_loader)
            self.log.append({"epoch": epoch, "loss": float(np.mean(losses)), "val_acc": acc})
            print(self.log[-1])
            if acc > best:
                best = acc
                torch.save(self.model.state_dict(), "pest.pth")
        with open("log.json", "w") as f:
            json.dump(self.log, f, indent=2)

    @torch.no_grad()
    def evaluate(self, loader):
        self.model.eval()
        correct = 0
        for images, targets in loader:
            out = self.model(images.to(self.device))
            correct += (out.argmax(1).cpu() == targets).sum().item()
        return correct / len(loader.dataset)


if __name__ == "__main__":
    torch.manual_seed(404)
    clf = PestClassifier()
    val = DataLoader(PestDataset("val.csv", get_transforms("val")), batch_size=64, num_workers=4)
    if sys.argv[1] == "fit":
        train = DataLoader(PestDataset("train.csv", get_transforms("train")), batch_size=64, shuffle=True,
                           num_workers=8, drop_last=True)
        clf.fit(train, val)
    else:
        clf.model.load_state_dict(torch.load("pest.pth", map_location=clf.device))
        print(clf.evaluate(val))
