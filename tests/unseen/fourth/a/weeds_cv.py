import os, gc, random
import numpy as np, pandas as pd
import cv2
import timm
import torch, torch.nn as nn
import albumentations as A
from albumentations.pytorch import ToTensorV2
from sklearn.model_selection import StratifiedKFold
from torch.utils.data import Dataset, DataLoader


class CFG:
    dir = "../input/seedlings/images"
    csv = "../input/seedlings/train.csv"      # image_id, label (0..11)
    arch = "efficientnet_b0.ra_in1k"
    num_classes = 12
    size = 256
    n_fold = 5
    bs = 32
    epochs = 12
    lr = 3e-4
    wd = 1e-5
    seed = 1337
    workers = 4
    device = "cuda"


def seed_everything(s):
    os.environ["PYTHONHASHSEED"] = str(s)
    random.seed(s)
    np.random.seed(s)
    torch.manual_seed(s)
    torch.cuda.manual_seed_all(s)


class Seedlings(Dataset):
    def __init__(self, df, tf):
        self.ids = df["image_id"].values
        self.labels = df["label"].values
        self.tf = tf

    def __len__(self):
        return len(self.ids)

    def __getitem__(self, i):
        img = cv2.imread(f"{CFG.dir}/{self.ids[i]}.png", cv2.IMREAD_COLOR)  # fault: N207
        img = self.tf(image=img)["image"]
        return img, torch.tensor(self.labels[i], dtype=torch.long)


norm = A.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225], max_pixel_value=255.0)
train_tf = A.Compose([
    A.Resize(CFG.size, CFG.size),
    A.HorizontalFlip(p=0.5),
    A.VerticalFlip(p=0.5),
    A.RandomRotate90(p=0.5),
    A.RandomBrightnessContrast(0.1, 0.1, p=0.3),
    norm,
    ToTensorV2(),
])
valid_tf = A.Compose([A.Resize(CFG.size, CFG.size), norm, ToTensorV2()])


def train_fn(model, dl, crit, opt, sched, scaler):
    model.train()
    s, n = torch.zeros(1, device=CFG.device), 0
    for x, y in dl:
        x, y = x.to(CFG.device, non_blocking=True), y.to(CFG.device, non_blocking=True)
        opt.zero_grad()
        with torch.cuda.amp.autocast():
            loss = crit(model(x), y)
        scaler.scale(loss).backward()
        scaler.step(opt)
        scaler.update()
        sched.step()          # one cycle: every batch
        s += loss.detach() * x.size(0)
        n += x.size(0)
    return s.item() / n


def valid_fn(model, dl):
    model.eval()
    out = []
    with torch.no_grad():
        for x, _ in dl:
            out.append(model(x.to(CFG.device, non_blocking=True)).argmax(1))
    return torch.cat(out).cpu().numpy()


def run_fold(df, fold):
    tr, va = df[df.fold != fold].reset_index(drop=True), df[df.fold == fold].reset_index(drop=True)
    tr_dl = DataLoader(Seedlings(tr, train_tf), CFG.bs, shuffle=True, drop_last=True, num_workers=CFG.workers, pin_memory=True)
    va_dl = DataLoader(Seedlings(va, valid_tf), CFG.bs * 2, shuffle=False, num_workers=CFG.workers, pin_memory=True)

    model = timm.create_model(CFG.arch, pretrained=True, num_classes=CFG.num_classes).to(CFG.device)
    crit = nn.CrossEntropyLoss()
    opt = torch.optim.AdamW(model.parameters(), lr=CFG.lr, weight_decay=CFG.wd)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=CFG.lr, epochs=CFG.epochs, steps_per_epoch=len(tr_dl))
    scaler = torch.cuda.amp.GradScaler()

    for ep in range(CFG.epochs):
        loss = train_fn(model, tr_dl, crit, opt, sched, scaler)
        pred = valid_fn(model, va_dl)
        print(f"fold {fold} epoch {ep} loss {loss:.4f} acc {(pred == va.label.values).mean():.4f}")
    torch.save(model.state_dict(), f"weeds_f{fold}.pth")
    del model, opt
    gc.collect()
    return pred


if __name__ == "__main__":
    seed_everything(CFG.seed)
    df = pd.read_csv(CFG.csv)
    df["fold"] = -1
    skf = StratifiedKFold(n_splits=CFG.n_fold, shuffle=True, random_state=CFG.seed)
    for f, (_, idx) in enumerate(skf.split(df, df.label)):
        df.loc[idx, "fold"] = f

    df["pred"] = -1
    for f in range(CFG.n_fold):
        df.loc[df.fold == f, "pred"] = run_fold(df, f)
    print("CV accuracy:", (df.pred == df.label).mean())
