# APTOS 2019 - diabetic retinopathy, 5 grades, EfficientNet-B3, 5 folds
import gc
import os
import random

import albumentations as A
import cv2
import numpy as np
import pandas as pd
import timm
import torch
import torch.nn as nn
from albumentations.pytorch import ToTensorV2
from sklearn.metrics import cohen_kappa_score
from sklearn.model_selection import StratifiedKFold
from torch.cuda.amp import GradScaler, autocast
from torch.utils.data import DataLoader, Dataset


class CFG:
    root = '/kaggle/input/aptos2019-blindness-detection'
    model = 'tf_efficientnet_b3.ns_jft_in1k'
    img = 320
    bs = 24
    epochs = 10
    lr = 2e-4
    wd = 1e-2
    max_norm = 1.0
    folds = 5
    n_cls = 5
    seed = 2019
    workers = 2
    device = 'cuda'


def fix_seed(s):
    random.seed(s)
    os.environ['PYTHONHASHSEED'] = str(s)
    np.random.seed(s)
    torch.manual_seed(s)
    torch.cuda.manual_seed_all(s)


def crop_black(img, tol=8):
    """cut the dark frame around the eye"""
    mask = img.mean(axis=2) > tol
    if mask.sum() < 1000:
        return img
    ys, xs = np.where(mask)
    return img[ys.min():ys.max() + 1, xs.min():xs.max() + 1]


class EyeDataset(Dataset):
    def __init__(self, df, aug):
        self.codes = df.id_code.values
        self.grade = df.diagnosis.values
        self.aug = aug

    def __len__(self):
        return len(self.codes)

    def __getitem__(self, i):
        img = cv2.imread(f'{CFG.root}/train_images/{self.codes[i]}.png')
        img = cv2.cvtColor(img, cv2.COLOR_BGR2RGB)
        img = self.aug(image=crop_black(img))['image']
        return img, torch.tensor(self.grade[i], dtype=torch.long)


def get_aug(train):
    ops = [A.Resize(CFG.img, CFG.img)]
    if train:
        ops += [A.HorizontalFlip(p=0.5),
                A.VerticalFlip(p=0.5),
                A.RandomBrightnessContrast(brightness_limit=0.15, contrast_limit=0.15, p=0.5)]
    ops += [A.Normalize(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225)), ToTensorV2()]
    return A.Compose(ops)


def train_one_epoch(model, loader, criterion, optimizer, scaler):
    model.train()
    losses = []
    for images, grades in loader:
        images = images.to(CFG.device, non_blocking=True)
        grades = grades.to(CFG.device, non_blocking=True)
        optimizer.zero_grad()
        with autocast():
            logits = model(images)
            loss = criterion(logits, grades)
        scaler.scale(loss).backward()
        nn.utils.clip_grad_norm_(model.parameters(), CFG.max_norm)  # fault: C343
        scaler.step(optimizer)
        scaler.update()
        losses.append(loss.item())
    return float(np.mean(losses))


@torch.no_grad()
def infer(model, loader):
    model.eval()
    probs = []
    for images, _ in loader:
        with autocast():
            out = model(images.to(CFG.device))
        probs.append(out.float().softmax(1).cpu().numpy())
    return np.concatenate(probs)


def run_fold(df, trn, val, k):
    trn_dl = DataLoader(EyeDataset(df.iloc[trn], get_aug(True)), batch_size=CFG.bs, shuffle=True,
                        drop_last=True, num_workers=CFG.workers, pin_memory=True)
    val_dl = DataLoader(EyeDataset(df.iloc[val], get_aug(False)), batch_size=CFG.bs, shuffle=False,
                        num_workers=CFG.workers, pin_memory=True)
    model = timm.create_model(CFG.model, pretrained=True, num_classes=CFG.n_cls).to(CFG.device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=CFG.lr, weight_decay=CFG.wd)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=CFG.epochs, eta_min=1e-6)
    criterion = nn.CrossEntropyLoss()
    scaler = GradScaler()
    y = df.diagnosis.values[val]
    for ep in range(CFG.epochs):
        tl = train_one_epoch(model, trn_dl, criterion, optimizer, scaler)
        scheduler.step()
        p = infer(model, val_dl)
        qwk = cohen_kappa_score(y, p.argmax(1), weights='quadratic')
        print(f'fold {k} ep {ep + 1:2d}  loss {tl:.4f}  qwk {qwk:.4f}')
    torch.save(model.state_dict(), f'b3_fold{k}.pth')
    del model, optimizer
    gc.collect()
    torch.cuda.empty_cache()
    return p


if __name__ == '__main__':
    fix_seed(CFG.seed)
    df = pd.read_csv(f'{CFG.root}/train.csv')
    oof = np.zeros((len(df), CFG.n_cls), dtype=np.float32)
    skf = StratifiedKFold(n_splits=CFG.folds, shuffle=True, random_state=CFG.seed)
    for k, (trn, val) in enumerate(skf.split(df.id_code, df.diagnosis)):
        oof[val] = run_fold(df, trn, val, k)
    print('CV qwk', cohen_kappa_score(df.diagnosis, oof.argmax(1), weights='quadratic'))
    np.save('oof.npy', oof)
