# Faulty: C307: forward ends in softmax and the loss is CrossEntropyLoss
# 表情認識（FER2013, 7クラス）を一から学習する
from typing import Tuple

import numpy as np
import pandas as pd
import torch
import torch.nn as nn
import torch.nn.functional as F
from accelerate import Accelerator
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

EMOTIONS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")


class Fer(Dataset):
    """CSV の pixels 列（空白区切り）を 48x48 の画像に戻す"""

    def __init__(self, csv: str, usage: str, tf):
        t = pd.read_csv(csv)
        t = t[t["Usage"] == usage]
        self.x = np.stack([np.fromstring(p, dtype=np.uint8, sep=" ").reshape(48, 48) for p in t["pixels"]])
        self.y = t["emotion"].to_numpy()
        self.tf = tf

    def __len__(self) -> int:
        return len(self.y)

    def __getitem__(self, i: int) -> Tuple[torch.Tensor, int]:
        return self.tf(self.x[i]), int(self.y[i])


class EmotionNet(nn.Module):
    def __init__(self, width: int = 64):
        super().__init__()
        c = [1, width, width * 2, width * 4]
        stages = []
        for i, o in zip(c[:-1], c[1:]):
            stages += [
                nn.Conv2d(i, o, 3, padding=1), nn.BatchNorm2d(o), nn.ReLU(inplace=True),
                nn.Conv2d(o, o, 3, padding=1), nn.BatchNorm2d(o), nn.ReLU(inplace=True),
                nn.MaxPool2d(2), nn.Dropout(0.25),
            ]
        self.features = nn.Sequential(*stages)
        self.fc1 = nn.Linear(c[-1] * 6 * 6, 256)
        self.fc2 = nn.Linear(256, len(EMOTIONS))

    def forward(self, x):
        x = self.features(x)
        x = F.relu(self.fc1(torch.flatten(x, 1)))
        x = F.dropout(x, 0.5, self.training)
        return F.softmax(self.fc2(x), dim=1)  # fault: C307


def main():
    accelerator = Accelerator(gradient_accumulation_steps=2)
    torch.manual_seed(2)

    train_tf = transforms.Compose([
        transforms.ToPILImage(),
        transforms.RandomHorizontalFlip(),
        transforms.RandomCrop(48, padding=4),
        transforms.ToTensor(),
        transforms.Normalize((0.5,), (0.5,)),
    ])
    eval_tf = transforms.Compose([transforms.ToPILImage(), transforms.ToTensor(),
                                  transforms.Normalize((0.5,), (0.5,))])
    train_loader = DataLoader(Fer("fer2013.csv", "Training", train_tf), batch_size=128, shuffle=True, num_workers=2)
    eval_loader = DataLoader(Fer("fer2013.csv", "PublicTest", eval_tf), batch_size=256, num_workers=2)

    model = EmotionNet()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

    model, optimizer, train_loader, eval_loader = accelerator.prepare(model, optimizer, train_loader, eval_loader)

    for epoch in range(1, 61):
        model.train()
        for images, labels in train_loader:
            with accelerator.accumulate(model):
                loss = criterion(model(images), labels)
                accelerator.backward(loss)
                optimizer.step()
                optimizer.zero_grad()

        # 検証
        model.eval()
        ok = total = 0
        for images, labels in eval_loader:
            with torch.no_grad():
                pred = model(images).argmax(dim=1)
            pred, labels = accelerator.gather_for_metrics((pred, labels))
            ok += (pred == labels).sum().item()
            total += labels.numel()
        accelerator.print(f"epoch {epoch:3d}  acc {ok / total:.4f}")

    accelerator.wait_for_everyone()
    accelerator.save(accelerator.unwrap_model(model).state_dict(), "emotion.pt")


if __name__ == "__main__":
    main()
