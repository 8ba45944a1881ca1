# 胸片二分类（肺炎 / 正常），按病人分组的五折交叉验证
# 表格 cxr.csv: file, patient, pneumonia (0 或 1)
import os
import random

import numpy as np
import pandas as pd
import torch
import torch.nn as nn
from PIL import Image
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold
from torch.utils.data import DataLoader, Dataset
from torchvision import models, transforms

ROOT = "cxr"
FOLDS = 5
EPOCHS = 8
BATCH = 16
ACCUM = 2
LR = 1e-4
SIZE = 320
SEED = 42
DEVICE = torch.device("cuda")


def fix_seed(seed):
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    torch.cuda.manual_seed_all(seed)


MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
train_tf = transforms.Compose([
    transforms.Resize((SIZE, SIZE)),
    transforms.RandomAffine(degrees=7, translate=(0.05, 0.05), scale=(0.95, 1.05)),
    transforms.ColorJitter(brightness=0.1, contrast=0.1),
    transforms.ToTensor(),
    transforms.Normalize(MEAN, STD),
])
val_tf = transforms.Compose([
    transforms.Resize((SIZE, SIZE)),
    transforms.ToTensor(),
    transforms.Normalize(MEAN, STD),
])


class ChestXray(Dataset):
    def __init__(self, frame, tf):
        self.files = frame["file"].tolist()
        self.labels = frame["pneumonia"].astype("float32").tolist()
        self.tf = tf

    def __len__(self):
        return len(self.files)

    def __getitem__(self, i):
        img = Image.open(os.path.join(ROOT, self.files[i])).convert("RGB")   # 灰度图复制成三通道
        return self.tf(img), torch.tensor(self.labels[i])


def build_model():
    net = models.densenet121(weights="IMAGENET1K_V1")
    net.classifier = nn.Linear(net.classifier.in_features, 1)
    return net.to(DEVICE)


def train_epoch(net, loader, criterion, optimizer, scaler):
    net.train()
    total, seen = torch.zeros((), device=DEVICE), 0
    batches = len(loader)
    optimizer.zero_grad(set_to_none=True)
    for i, (x, y) in enumerate(loader):
        x, y = x.to(DEVICE, non_blocking=True), y.to(DEVICE, non_blocking=True)
        # 最后一组可能不足 ACCUM 个批次
        group = min(ACCUM, batches - i // ACCUM * ACCUM)
        with torch.autocast("cuda", dtype=torch.float16):
            loss = criterion(net(x).squeeze(1), y)
        scaler.scale(loss / group).backward()
        if (i + 1) % ACCUM == 0 or i + 1 == batches:
            scaler.unscale_(optimizer)
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            scaler.step(optimizer)
            scaler.update()
            optimizer.zero_grad(set_to_none=True)
        total += loss.detach() * y.numel()
        seen += y.numel()
    return total.item() / seen


@torch.no_grad()
def predict(net, loader):
    net.eval()
    scores = []
    for x, _ in loader:
        scores.append(torch.sigmoid(net(x.to(DEVICE, non_blocking=True)).squeeze(1)))
    return torch.cat(scores).cpu().numpy()


def main():
    fix_seed(SEED)
    frame = pd.read_csv("cxr.csv")
    splitter = StratifiedGroupKFold(n_splits=FOLDS, shuffle=True, random_state=SEED)
    oof = np.zeros(len(frame), dtype=np.float32)

    for fold, (tr, va) in enumerate(splitter.split(frame, frame["pneumonia"], groups=frame["patient"])):
        train_frame, val_frame = frame.iloc[tr], frame.iloc[va]
        train_loader = DataLoader(ChestXray(train_frame, train_tf), batch_size=BATCH, shuffle=True,
                                  num_workers=8, pin_memory=True, drop_last=True)
        val_loader = DataLoader(ChestXray(val_frame, val_tf), batch_size=BATCH * 4, shuffle=False,
                                num_workers=8, pin_memory=True)

        # 每一折都重新建立网络、优化器和学习率计划
        net = build_model()
        positive = train_frame["pneumonia"].sum()
        pos_weight = torch.tensor((len(train_frame) - positive) / positive, dtype=torch.float32, device=DEVICE)
        criterion = nn.BCEWithLogitsLoss(pos_weight=pos_weight)
        optimizer = torch.optim.Adam(net.parameters(), lr=LR)
        scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=EPOCHS)
        scaler = torch.amp.GradScaler("cuda")

        for epoch in range(EPOCHS):
            loss = train_epoch(net, train_loader, criterion, optimizer, scaler)
            scheduler.step()
            print(f"fold {fold} epoch {epoch} loss {loss:.4f}")

        # 固定轮数，取最后一轮的网络
        oof[va] = predict(net, val_loader)
        print(f"fold {fold} AUC {roc_auc_score(val_frame['pneumonia'], oof[va]):.4f}")
        torch.save(net.state_dict(), f"cxr_fold{fold}.pt")

    print(f"AUC of all folds: {roc_auc_score(frame['pneumonia'], oof):.4f}")


if __name__ == "__main__":
    main()
