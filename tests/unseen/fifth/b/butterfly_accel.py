# butterflies comp, single fold. launch:  accelerate launch butterfly_accel.py
import os, random, time
import numpy as np
import pandas as pd
import torch, timm
import torch.nn as nn
from torch.utils.data import Dataset, DataLoader
from torchvision import transforms as T
from PIL import Image
from sklearn.model_selection import train_test_split
from accelerate import Accelerator

ROOT = '../input/butterfly-image-classification'
SEED = 1234
EPOCHS = 20
BS = 16
ACC = 8         # 16 x 8 = 128, more does not fit on the 1060
LR = 0.02
WD = 1e-4
MODEL = 'resnet50.a1_in1k'

random.seed(SEED); np.random.seed(SEED); torch.manual_seed(SEED)

df = pd.read_csv(f'{ROOT}/Training_set.csv')
CLS = sorted(df['label'].unique())
assert len(CLS) == 75
c2i = {c: i for i, c in enumerate(CLS)}
df['y'] = df['label'].map(c2i)
tr_df, va_df = train_test_split(df, test_size=0.15, stratify=df['y'], random_state=SEED)

mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
tr_tf = T.Compose([T.RandomResizedCrop(224, scale=(0.5, 1.0)), T.RandomHorizontalFlip(),
                   T.ColorJitter(0.2, 0.2, 0.2), T.ToTensor(), T.Normalize(mean, std)])
va_tf = T.Compose([T.Resize(256), T.CenterCrop(224), T.ToTensor(), T.Normalize(mean, std)])

class BF(Dataset):
    def __init__(self, d, tf):
        self.d = d.reset_index(drop=True); self.tf = tf
    def __len__(self): return len(self.d)
    def __getitem__(self, i):
        r = self.d.iloc[i]
        im = Image.open(os.path.join(ROOT, 'train', r['filename'])).convert('RGB')
        return self.tf(im), int(r['y'])

accelerator = Accelerator(mixed_precision='fp16')
dev = accelerator.device

tr_dl = DataLoader(BF(tr_df, tr_tf), batch_size=BS, shuffle=True, num_workers=4, pin_memory=True, drop_last=True)
va_dl = DataLoader(BF(va_df, va_tf), batch_size=64, shuffle=False, num_workers=4, pin_memory=True)

model = timm.create_model(MODEL, pretrained=True, num_classes=75)
crit = nn.CrossEntropyLoss()
opt = torch.optim.SGD(model.parameters(), lr=LR, momentum=0.9, weight_decay=WD)
sch = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=EPOCHS)

model, opt, tr_dl, va_dl = accelerator.prepare(model, opt, tr_dl, va_dl)

def train_one(ep):
    model.train()
    tot = torch.zeros((), device=dev)
    opt.zero_grad()
    n = len(tr_dl)
    for i, (x, y) in enumerate(tr_dl):
        out = model(x)
        loss = crit(out, y)
        accelerator.backward(loss)  # fault: C342
        tot += loss.detach()
        if (i + 1) % ACC == 0 or i + 1 == n:
            opt.step()
            opt.zero_grad()
    return (tot / n).item()

@torch.no_grad()
def valid():
    model.eval()
    ps, ys = [], []
    for x, y in va_dl:
        p = model(x).argmax(1)
        p, y = accelerator.gather_for_metrics((p, y))
        ps.append(p); ys.append(y)
    ps = torch.cat(ps); ys = torch.cat(ys)
    return (ps == ys).float().mean().item()

best = 0
for ep in range(EPOCHS):
    t = time.time()
    l = train_one(ep)
    a = valid()
    sch.step()
    accelerator.print(f'ep {ep:2d} loss {l:.4f} val acc {a:.4f}  {time.time()-t:.0f}s')
    if a > best:
        best = a
        accelerator.wait_for_everyone()
        accelerator.save(accelerator.unwrap_model(model).state_dict(), 'bf_best.pth')
accelerator.print('best', best)

# ---- old, without accelerate
# for x, y in tr_dl:
#     x, y = x.cuda(), y.cuda()
#     ...
