# Faulty: N207: cv2.imread gives BGR, never converted, while the ImageNet weights and statistics are RGB.
# Диабетическая ретинопатия, 5 степеней. Таблица: labels.csv (id_code, diagnosis)
import os
import cv2
import numpy as np
import pandas as pd
import torch
import torch.nn as nn
from sklearn.metrics import cohen_kappa_score
from sklearn.model_selection import train_test_split
from torch.utils.data import Dataset, DataLoader
from torchvision import models, transforms

DIR = '/data/retina/'
SIZE = 224
BS = 32
EPOCHS = 20
SEED = 77

torch.manual_seed(SEED)
np.random.seed(SEED)


def crop_black(img, tol=7):
    # обрезаем чёрные поля вокруг глаза
    gray = img.mean(axis=2)
    mask = gray > tol
    if not mask.any():
        return img
    return img[np.ix_(mask.any(1), mask.any(0))]


class Retina(Dataset):
    def __init__(self, df, tf):
        self.ids = df.id_code.values
        self.y = df.diagnosis.values
        self.tf = tf

    def __len__(self):
        return len(self.ids)

    def __getitem__(self, i):
        img = cv2.imread(os.path.join(DIR, 'images', self.ids[i] + '.png'))  # fault: N207
        img = crop_black(img)
        img = cv2.resize(img, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
        return self.tf(img), int(self.y[i])


norm = [
    transforms.ToTensor(),
    transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
]
tf_train = transforms.Compose(norm + [
    transforms.RandomHorizontalFlip(),
    transforms.RandomVerticalFlip(),
    transforms.RandomRotation(15),
])
tf_val = transforms.Compose(norm)

df = pd.read_csv(os.path.join(DIR, 'labels.csv'))
df_tr, df_va = train_test_split(df, test_size=0.2, stratify=df.diagnosis, random_state=SEED)

dl_tr = DataLoader(Retina(df_tr, tf_train), batch_size=BS, shuffle=True, num_workers=4)
dl_va = DataLoader(Retina(df_va, tf_val), batch_size=BS, shuffle=False, num_workers=4)

# веса классов: редкие степени важнее
counts = df_tr.diagnosis.value_counts().sort_index().values
w = torch.tensor(counts.sum() / (5.0 * counts), dtype=torch.float32)

device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')
net = models.resnet34(weights='IMAGENET1K_V1')
net.fc = nn.Sequential(nn.Dropout(0.3), nn.Linear(512, 5))
net = net.to(device)

crit = nn.CrossEntropyLoss(weight=w.to(device))
body = [p for n, p in net.named_parameters() if not n.startswith('fc.')]
opt = torch.optim.Adam([
    {'params': body, 'lr': 5e-5},
    {'params': net.fc.parameters(), 'lr': 1e-3},
])
sched = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, mode='max', factor=0.5, patience=2)

best = -1.0
for ep in range(1, EPOCHS + 1):
    net.train()
    s = 0.0
    for x, y in dl_tr:
        x, y = x.to(device), y.to(device)
        opt.zero_grad()
        loss = crit(net(x), y)
        loss.backward()
        opt.step()
        s += loss.item()

    net.eval()
    pr, gt = [], []
    with torch.no_grad():
        for x, y in dl_va:
            pr.append(net(x.to(device)).argmax(1).cpu().numpy())
            gt.append(y.numpy())
    kappa = cohen_kappa_score(np.concatenate(gt), np.concatenate(pr), weights='quadratic')
    sched.step(kappa)
    print('эпоха %d  loss %.4f  kappa %.4f' % (ep, s / len(dl_tr), kappa))
    if kappa > best:
        best = kappa
        torch.save(net.state_dict(), 'retina_best.pth')
