# Sound.
# Diabetic retinopathy grading, 5-fold CV.  One model per fold, early stopping on quadratic kappa.
import copy
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
from torch.utils.data import DataLoader, Dataset
from tqdm import tqdm

CFG = dict(
    arch="convnext_tiny.fb_in22k",
    size=224,
    n_grades=5,
    folds=5,
    epochs=25,
    patience=5,
    bs=24,
    lr=5e-5,
    wd=0.05,
    seed=31,
    csv="fundus/train.csv",
    root="fundus/images",
    norm=dict(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225)),
)
DEV = "cuda"


def fix_seed(s):
    random.seed(s)
    np.random.seed(s)
    torch.manual_seed(s)


def get_aug(phase):
    ops = [A.Resize(CFG["size"], CFG["size"])]
    if phase == "train":
        ops += [
            A.HorizontalFlip(p=0.5),
            A.VerticalFlip(p=0.5),
            A.RandomBrightnessContrast(p=0.4),
        ]
    ops += [A.Normalize(**CFG["norm"]), ToTensorV2()]
    return A.Compose(ops)


class FundusSet(Dataset):
    def __init__(self, frame, phase):
        self.ids = frame["id_code"].tolist()
        self.y = frame["diagnosis"].tolist()
        self.aug = get_aug(phase)

    def __len__(self):
        return len(self.ids)

    def __getitem__(self, i):
        img = cv2.imread(f"{CFG['root']}/{self.ids[i]}.png")
        img = cv2.cvtColor(img, cv2.COLOR_BGR2RGB)
        return self.aug(image=img)["image"], self.y[i]


def one_epoch(net, dl, opt, crit, scaler):
    net.train()
    losses = []
    for x, y in tqdm(dl, leave=False):
        x, y = x.to(DEV), y.to(DEV)
        with torch.autocast("cuda", dtype=torch.float16):
            loss = crit(net(x), y)
        scaler.scale(loss).backward()
        scaler.unscale_(opt)
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        scaler.step(opt)
        scaler.update()
        opt.zero_grad()
        losses.append(loss.item())
    return float(np.mean(losses))


@torch.no_grad()
def kappa(net, dl):
    net.eval()
    p, t = [], []
    for x, y in dl:
        p.append(net(x.to(DEV)).argmax(1).cpu())
        t.append(y)
    return cohen_kappa_score(torch.cat(t), torch.cat(p), weights="quadratic")


def run_fold(k, tr, va):
    dl_tr = DataLoader(FundusSet(tr, "train"), batch_size=CFG["bs"], shuffle=True, drop_last=True, num_workers=8)
    dl_va = DataLoader(FundusSet(va, "valid"), batch_size=CFG["bs"] * 2, shuffle=False, num_workers=8)

    net = timm.create_model(CFG["arch"], pretrained=True, num_classes=CFG["n_grades"], drop_path_rate=0.1).to(DEV)
    opt = torch.optim.AdamW(net.parameters(), lr=CFG["lr"], weight_decay=CFG["wd"])
    sched = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, mode="max", factor=0.3, patience=2)
    crit = nn.CrossEntropyLoss()
    scaler = torch.amp.GradScaler("cuda")

    best, best_state, waited = -1.0, None, 0
    for ep in range(CFG["epochs"]):
        tl = one_epoch(net, dl_tr, opt, crit, scaler)
        k2 = kappa(net, dl_va)
        sched.step(k2)
        print(f"[fold {k}] {ep:02d} loss={tl:.4f} qwk={k2:.4f}")
        if k2 > best:
            best, best_state, waited = k2, copy.deepcopy(net.state_dict()), 0
        else:
            waited += 1
            if waited >= CFG["patience"]:
                break
    torch.save(best_state, f"fundus_fold{k}.pth")
    return best


if __name__ == "__main__":
    fix_seed(CFG["seed"])
    df = pd.read_csv(CFG["csv"])
    skf = StratifiedKFold(CFG["folds"], shuffle=True, random_state=CFG["seed"])
    scores = []
    for k, (a, b) in enumerate(skf.split(df, df.diagnosis)):
        scores.append(run_fold(k, df.iloc[a], df.iloc[b]))
    print("cv:", np.mean(scores), "+-", np.std(scores))
