# -*- coding: utf-8 -*-
"""茶叶等级分类（8 类），EfficientNetV2-S 主干冻结，只训练分类头。
运行: accelerate launch acc_tea.py
"""
import pandas as pd
import torch
import torch.nn as nn
from accelerate import Accelerator
from accelerate.utils import set_seed
from PIL import Image
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms
from torchvision.models import EfficientNet_V2_S_Weights, efficientnet_v2_s

# ---------------- 配置 ----------------
CSV = "tea/labels.csv"          # 两列: file, grade (0..7)
IMG_DIR = "tea/images"
NUM_CLASSES = 8
IMG = 300
BS = 24
ACCUM = 4
EPOCHS = 18
LR = 2e-3
SEED = 1024
MEAN = [0.485, 0.456, 0.406]
STD = [0.229, 0.224, 0.225]


class TeaDataset(Dataset):
    def __init__(self, df, tfm):
        self.files = df["file"].tolist()
        self.grades = df["grade"].astype(int).tolist()
        self.tfm = tfm

    def __len__(self):
        return len(self.files)

    def __getitem__(self, i):
        img = Image.open(f"{IMG_DIR}/{self.files[i]}").convert("RGB")
        return self.tfm(img), self.grades[i]


class FrozenNet(nn.Module):
    """主干不更新，BN 的统计量也保持不变"""

    def __init__(self, num_classes):
        super().__init__()
        net = efficientnet_v2_s(weights=EfficientNet_V2_S_Weights.IMAGENET1K_V1)
        self.features = net.features
        self.pool = net.avgpool
        self.features.requires_grad_(False)
        self.head = nn.Sequential(
            nn.Linear(1280, 256),
            nn.ReLU(inplace=True),
            nn.Dropout(0.3),
            nn.Linear(256, num_classes),
        )

    def train(self, mode=True):
        super().train(mode)
        self.features.eval()
        return self

    def forward(self, x):
        with torch.no_grad():
            f = self.pool(self.features(x)).flatten(1)
        return self.head(f)


def get_loaders():
    df = pd.read_csv(CSV)
    # 同一张表只划分一次
    tr, va = train_test_split(df, test_size=0.2, stratify=df["grade"], random_state=SEED)
    t_train = transforms.Compose([
        transforms.RandomResizedCrop(IMG, scale=(0.7, 1.0)),
        transforms.RandomHorizontalFlip(),
        transforms.RandomRotation(20),
        transforms.ToTensor(),
        transforms.Normalize(MEAN, STD),
    ])
    t_val = transforms.Compose([
        transforms.Resize(330),
        transforms.CenterCrop(IMG),
        transforms.ToTensor(),
        transforms.Normalize(MEAN, STD),
    ])
    train_dl = DataLoader(TeaDataset(tr, t_train), batch_size=BS, shuffle=True, num_workers=8, drop_last=True)
    val_dl = DataLoader(TeaDataset(va, t_val), batch_size=BS * 2, shuffle=False, num_workers=8)
    return train_dl, val_dl


def main():
    accelerator = Accelerator(mixed_precision="fp16", gradient_accumulation_steps=ACCUM)
    set_seed(SEED)
    train_dl, val_dl = get_loaders()
    model = FrozenNet(NUM_CLASSES)
    optimizer = torch.optim.AdamW(model.head.parameters(), lr=LR, weight_decay=1e-2)
    criterion = nn.CrossEntropyLoss()
    model, optimizer, train_dl, val_dl = accelerator.prepare(model, optimizer, train_dl, val_dl)
    # 每个 epoch 走一步，不交给 prepare
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer.optimizer, T_max=EPOCHS)

    best = 0.0
    for ep in range(EPOCHS):
        model.train()
        total = torch.zeros((), device=accelerator.device)
        for imgs, labels in train_dl:
            # accumulate 内部会把 loss 除以 ACCUM
            with accelerator.accumulate(model):
                logits = model(imgs)
                loss = criterion(logits, labels)
                accelerator.backward(loss)
                if accelerator.sync_gradients:
                    accelerator.clip_grad_norm_(model.parameters(), 2.0)
                optimizer.step()
                optimizer.zero_grad()
            total += loss.detach()
        scheduler.step()

        model.eval()
        right = torch.zeros((), device=accelerator.device, dtype=torch.long)
        count = 0
        with torch.inference_mode():
            for imgs, labels in val_dl:
                pred = model(imgs).argmax(dim=1)
                pred, labels = accelerator.gather_for_metrics((pred, labels))
                right += (pred == labels).sum()
                count += labels.shape[0]
        acc = right.item() / count
        accelerator.print(f"epoch {ep + 1:02d}  loss={total.item() / len(train_dl):.4f}  val_acc={acc:.4f}")
        if acc > best:
            best = acc
            accelerator.wait_for_everyone()
            if accelerator.is_main_process:
                accelerator.save(accelerator.unwrap_model(model).state_dict(), "tea_best.pth")
    accelerator.print("best val acc", best)


if __name__ == "__main__":
    main()
