# skin lesion challenge, densenet121, single GPU with little memory => small batches
import os, gc
import numpy as np
import pandas as pd
from PIL import Image
import torch
import torch.nn as nn
from torch.utils.data import Dataset, DataLoader
from torch.cuda.amp import autocast, GradScaler
from sklearn.model_selection import train_test_split
import torchvision.models as models
import torchvision.transforms as T

DATA = '/kaggle/input/skin-lesions'
CLASSES = ['akiec', 'bcc', 'bkl', 'df', 'mel', 'nv', 'vasc']
IMG = 320
BATCH = 8
ACC = 4            # 8 x 4 = 32
EPOCHS = 10
dev = torch.device('cuda')

meta = pd.read_csv(f'{DATA}/metadata.csv')
# several photos of one lesion must stay together
lesions = meta.groupby('lesion_id').dx.first().reset_index()
tr_l, va_l = train_test_split(lesions, test_size=0.15, random_state=5, stratify=lesions.dx)
tr_df = meta[meta.lesion_id.isin(tr_l.lesion_id)].reset_index(drop=True)
va_df = meta[meta.lesion_id.isin(va_l.lesion_id)].reset_index(drop=True)
print(tr_df.dx.value_counts())

norm = T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
T_TR = T.Compose([T.RandomResizedCrop(IMG, scale=(0.7, 1)), T.RandomHorizontalFlip(), T.RandomVerticalFlip(),
                  T.ColorJitter(0.1, 0.1, 0.1), T.ToTensor(), norm])
T_VA = T.Compose([T.Resize(360), T.CenterCrop(IMG), T.ToTensor(), norm])


class Skin(Dataset):
    def __init__(self, d, t):
        self.d, self.t = d, t
    def __len__(self):
        return len(self.d)
    def __getitem__(self, i):
        r = self.d.iloc[i]
        im = Image.open(f'{DATA}/images/{r.image_id}.jpg').convert('RGB')
        return self.t(im), CLASSES.index(r.dx)


tr_dl = DataLoader(Skin(tr_df, T_TR), batch_size=BATCH, shuffle=True, drop_last=True, num_workers=2, pin_memory=True)
va_dl = DataLoader(Skin(va_df, T_VA), batch_size=32, num_workers=2, pin_memory=True)

model = models.densenet121(weights='IMAGENET1K_V1')
model.classifier = nn.Linear(1024, len(CLASSES))
model.to(dev)
opt = torch.optim.AdamW(model.parameters(), lr=1e-4)
sch = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=EPOCHS, eta_min=1e-6)
crit = nn.CrossEntropyLoss()
scaler = GradScaler()

best = -1
for ep in range(EPOCHS):
    model.train()
    opt.zero_grad()
    tl, n = torch.zeros((), device=dev), 0
    for i, (x, y) in enumerate(tr_dl):
        x, y = x.to(dev, non_blocking=True), y.to(dev, non_blocking=True)
        with autocast():
            loss = crit(model(x), y)
        scaler.scale(loss / ACC).backward()
        tl += loss.detach() * len(y); n += len(y)
        if (i + 1) % ACC == 0:
            scaler.unscale_(opt)
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            scaler.step(opt)
            scaler.update()
            opt.zero_grad()
    sch.step()

    model.eval()
    P, Y = [], []
    with torch.no_grad():
        for x, y in va_dl:
            with autocast():
                P.append(model(x.to(dev, non_blocking=True)).argmax(1))
            Y.append(y)
    P, Y = torch.cat(P).cpu().numpy(), torch.cat(Y).numpy()
    # balanced accuracy
    rec = [(P[Y == k] == k).mean() for k in range(len(CLASSES)) if (Y == k).any()]
    bal = float(np.mean(rec))
    print(ep, 'train', round(tl.item() / n, 4), 'val acc', (P == Y).mean().round(4), 'bal', round(bal, 4))
    if bal > best:
        best = bal
        torch.save(model.state_dict(), 'dense121.pth')
    gc.collect()
