# 교통수단 분류 - OpenCV 방식(BGR) 전처리, 사전학습 없이 처음부터 학습
import argparse
import os
import random

import numpy as np
import pandas as pd
import torch
import torch.nn as nn
import torch.optim as optim
from PIL import Image
from torch.utils.data import DataLoader, Dataset

from model import VehicleNet

# BGR 순서의 평균과 표준편차 (vehicles/images 에서 계산)
MEAN = np.array([0.517, 0.506, 0.500], np.float32)
STD = np.array([0.271, 0.256, 0.256], np.float32)


def imread_bgr(path):
    return np.array(Image.open(path).convert('RGB'))[..., ::-1]


class VehicleDataset(Dataset):
    def __init__(self, root, csv, label_map, size, augment):
        df = pd.read_csv(os.path.join(root, csv))
        self.paths = [os.path.join(root, 'images', f) for f in df['file']]
        self.labels = [label_map[c] for c in df['label']]
        self.size = size
        self.augment = augment

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, idx):
        img = imread_bgr(self.paths[idx])
        img = np.array(Image.fromarray(np.ascontiguousarray(img)).resize((self.size, self.size), Image.BILINEAR))
        if self.augment:
            if random.random() < 0.5:
                img = img[:, ::-1]
            pad = self.size // 10
            img = np.pad(img, ((pad, pad), (pad, pad), (0, 0)), mode='reflect')
            y, x = random.randint(0, 2 * pad), random.randint(0, 2 * pad)
            img = img[y:y + self.size, x:x + self.size]
        img = (img.astype(np.float32) / 255. - MEAN) / STD
        return torch.from_numpy(img.transpose(2, 0, 1).copy()), self.labels[idx]


def run(model, loader, criterion, device, optimizer=None):
    train = optimizer is not None
    model.train(train)
    loss_sum, correct, n = 0., 0, 0
    with torch.set_grad_enabled(train):
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            out = model(x)
            loss = criterion(out, y)
            if train:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            loss_sum += loss.item() * y.size(0)
            correct += (out.argmax(1) == y).sum().item()
            n += y.size(0)
    return loss_sum / n, correct / n


if __name__ == '__main__':
    parser = argparse.ArgumentParser()
    parser.add_argument('--root', default='vehicles')
    parser.add_argument('--size', type=int, default=96)
    parser.add_argument('--batch', type=int, default=32)
    parser.add_argument('--epochs', type=int, default=80)
    parser.add_argument('--lr', type=float, default=0.05)
    parser.add_argument('--seed', type=int, default=777)
    args = parser.parse_args()

    random.seed(args.seed)
    np.random.seed(args.seed)
    torch.manual_seed(args.seed)
    device = 'cuda' if torch.cuda.is_available() else 'cpu'

    names = sorted(pd.read_csv(os.path.join(args.root, 'train.csv'))['label'].unique())
    label_map = {c: i for i, c in enumerate(names)}
    train_loader = DataLoader(VehicleDataset(args.root, 'train.csv', label_map, args.size, True), args.batch, shuffle=True, num_workers=2)
    val_loader = DataLoader(VehicleDataset(args.root, 'val.csv', label_map, args.size, False), args.batch, num_workers=2)

    model = VehicleNet(len(names)).to(device)
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(model.parameters(), lr=args.lr, momentum=0.9, weight_decay=5e-4)
    scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, args.epochs)

    best = 0.
    for epoch in range(args.epochs):
        tr_loss, tr_acc = run(model, train_loader, criterion, device, optimizer)
        va_loss, va_acc = run(model, val_loader, criterion, device)
        scheduler.step()
        print(f'[{epoch + 1:03d}] 학습 {tr_loss:.4f}/{tr_acc:.4f}  검증 {va_loss:.4f}/{va_acc:.4f}')
        if va_acc > best:
            best = va_acc
            torch.save(model.state_dict(), 'vehicle_bgr.pt')
