"""
皮肤镜图像七分类，按病人分组的五折交叉验证 (grouped 5-fold).

meta.csv : image, dx, patient
"""
import argparse
import os
import random

import numpy as np
import pandas as pd
import torch
import torch.nn as nn
from PIL import Image
from sklearn.model_selection import StratifiedGroupKFold
from torch.utils.data import DataLoader, Dataset, WeightedRandomSampler
from torchvision import models, transforms

DX = ['akiec', 'bcc', 'bkl', 'df', 'mel', 'nv', 'vasc']

# 均值/方差 ImageNet
to_net = transforms.Compose([
    transforms.ToTensor(),
    transforms.Lambda(lambda t: t.sub(torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1))),
    transforms.Lambda(lambda t: t.div(torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1))),
])
aug = transforms.Compose([
    transforms.Resize(280),
    transforms.RandomResizedCrop(240, scale=(0.6, 1.0)),
    transforms.RandomHorizontalFlip(),
    transforms.RandomVerticalFlip(),
    to_net,
])
plain = transforms.Compose([transforms.Resize(280), transforms.CenterCrop(240), to_net])


class Skin(Dataset):
    def __init__(self, rows, folder, tf):
        self.names = list(rows['image'])
        self.y = [DX.index(d) for d in rows['dx']]
        self.folder, self.tf = folder, tf

    def __len__(self):
        return len(self.names)

    def __getitem__(self, i):
        path = os.path.join(self.folder, self.names[i] + '.jpg')
        return self.tf(Image.open(path).convert('RGB')), self.y[i]


def build():
    net = models.efficientnet_b1(weights='IMAGENET1K_V2')
    net.classifier = nn.Sequential(
        nn.Dropout(0.3),
        nn.Linear(1280, len(DX)),
    )
    # 冻结前三个 stage：参数不更新，BN 统计量也不动
    frozen = net.features[:3]
    for p in frozen.parameters():
        p.requires_grad = False
    return net, frozen


def run_fold(k, rows_tr, rows_va, args, device):
    set_tr, set_va = Skin(rows_tr, args.images, aug), Skin(rows_va, args.images, plain)

    # 只用训练折计算采样权重 (square root of the inverse frequency)
    count = np.bincount(set_tr.y, minlength=len(DX))
    w = [1.0 / np.sqrt(count[c]) for c in set_tr.y]
    sampler = WeightedRandomSampler(torch.as_tensor(w, dtype=torch.double), num_samples=len(set_tr), replacement=True)

    dl_tr = DataLoader(set_tr, batch_size=args.bs, sampler=sampler, num_workers=args.workers, pin_memory=True)
    dl_va = DataLoader(set_va, batch_size=args.bs, shuffle=False, num_workers=args.workers, pin_memory=True)

    net, frozen = build()
    net.to(device)
    opt = torch.optim.AdamW([p for p in net.parameters() if p.requires_grad], lr=args.lr, weight_decay=0.01)
    sched = torch.optim.lr_scheduler.ExponentialLR(opt, gamma=0.85)
    ce = nn.CrossEntropyLoss()

    for ep in range(args.epochs):
        net.train()
        frozen.eval()
        acc_loss = torch.zeros((), device=device)
        opt.zero_grad()
        usable = len(dl_tr) // args.accum * args.accum
        for j, (x, y) in enumerate(dl_tr, 1):
            if j > usable:
                break
            x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
            loss = ce(net(x), y) / args.accum
            loss.backward()
            acc_loss += loss.detach()
            if j % args.accum == 0:
                opt.step()
                opt.zero_grad()
        sched.step()
        print(f'[fold {k}] epoch {ep + 1}/{args.epochs} loss {acc_loss.item() / (usable // args.accum):.4f}')

    # 固定轮数，取最后一轮，不挑选
    net.eval()
    probs = []
    with torch.no_grad():
        for x, _ in dl_va:
            probs.append(net(x.to(device, non_blocking=True)).softmax(dim=1).cpu())
    torch.save(net.state_dict(), os.path.join(args.out, f'skin_{k}.pt'))
    return torch.cat(probs).numpy()


def report(y, p):
    pred = p.argmax(1)
    rec = []
    for c, name in enumerate(DX):
        m = y == c
        rec.append((pred[m] == c).mean())
        print(f'  {name:6s} n={m.sum():5d} recall={rec[-1]:.3f}')
    print('accuracy %.4f  balanced %.4f' % ((pred == y).mean(), np.mean(rec)))


if __name__ == '__main__':
    ap = argparse.ArgumentParser()
    ap.add_argument('--meta', default='skin/meta.csv')
    ap.add_argument('--images', default='skin/images')
    ap.add_argument('--out', default='.')
    ap.add_argument('--epochs', type=int, default=15)
    ap.add_argument('--bs', type=int, default=16)
    ap.add_argument('--accum', type=int, default=2)
    ap.add_argument('--lr', type=float, default=2e-4)
    ap.add_argument('--workers', type=int, default=6)
    ap.add_argument('--seed', type=int, default=77)
    args = ap.parse_args()

    random.seed(args.seed)
    np.random.seed(args.seed)
    torch.manual_seed(args.seed)
    device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')

    meta = pd.read_csv(args.meta)
    meta = meta.drop_duplicates('image').reset_index(drop=True)
    y = np.array([DX.index(d) for d in meta['dx']])
    oof = np.zeros((len(meta), len(DX)), dtype=np.float32)
    cv = StratifiedGroupKFold(n_splits=5, shuffle=True, random_state=args.seed)
    for k, (tr, va) in enumerate(cv.split(meta, y, groups=meta['patient'])):
        oof[va] = run_fold(k, meta.iloc[tr], meta.iloc[va], args, device)
    report(y, oof)
