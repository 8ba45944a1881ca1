#!/usr/bin/env python
# CUB-200-2011, fine-grained baseline with weight averaging.
# Jobs on our cluster are killed after 4 h, so the script can be started again with --auto-resume.
import argparse
import copy
import os
import random

import numpy as np
import pandas as pd
import timm
import torch
import torch.nn.functional as F
from PIL import Image
from sklearn.model_selection import StratifiedShuffleSplit
from torch.cuda.amp import GradScaler, autocast
from torchvision.transforms import v2


def options():
    p = argparse.ArgumentParser()
    p.add_argument('cub', help='path of CUB_200_2011')
    p.add_argument('--workdir', default='exp/cub')
    p.add_argument('--arch', default='resnet50.a1_in1k')
    p.add_argument('--size', default=448, type=int)
    p.add_argument('-b', '--batch-size', default=24, type=int)
    p.add_argument('-n', '--n-epochs', default=60, type=int)
    p.add_argument('--base-lr', default=8e-3, type=float)
    p.add_argument('--ema', default=0.998, type=float)
    p.add_argument('--seed', default=0, type=int)
    p.add_argument('--auto-resume', action='store_true')
    return p.parse_args()


def read_index(cub):
    def table(name, cols):
        return pd.read_csv(os.path.join(cub, name), sep=' ', names=cols)
    idx = table('images.txt', ['img', 'file'])
    idx = idx.merge(table('image_class_labels.txt', ['img', 'cls']), on='img')
    idx = idx.merge(table('train_test_split.txt', ['img', 'is_train']), on='img')
    idx['cls'] -= 1          # the file counts from 1
    return idx


class Birds(torch.utils.data.Dataset):
    def __init__(self, cub, rows, tf):
        self.base, self.rows, self.tf = os.path.join(cub, 'images'), rows.reset_index(drop=True), tf

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        r = self.rows.iloc[i]
        with Image.open(os.path.join(self.base, r.file)) as im:
            return self.tf(im.convert('RGB')), int(r.cls)


def pipelines(size):
    end = [v2.ToImage(), v2.ToDtype(torch.float32, scale=True),
           v2.Normalize(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))]
    up = int(size / 0.875)
    tr = v2.Compose([v2.Resize((up, up)), v2.RandomCrop(size), v2.RandomHorizontalFlip()] + end)
    te = v2.Compose([v2.Resize((up, up)), v2.CenterCrop(size)] + end)
    return tr, te


class Averaged:
    """Exponential mean of the weights; integer buffers are copied."""

    def __init__(self, net, decay):
        self.shadow = copy.deepcopy(net).eval().requires_grad_(False)
        self.decay = decay

    @torch.no_grad()
    def follow(self, net):
        for s, p in zip(self.shadow.state_dict().values(), net.state_dict().values()):
            if s.dtype.is_floating_point:
                s.mul_(self.decay).add_(p, alpha=1 - self.decay)
            else:
                s.copy_(p)


def top1(net, loader):
    net.eval()
    n = good = 0
    with torch.no_grad():
        for x, t in loader:
            good += (net(x.cuda()).argmax(1) == t.cuda()).sum().item()
            n += t.shape[0]
    return 100.0 * good / n


def main(o):
    random.seed(o.seed)
    np.random.seed(o.seed)
    torch.manual_seed(o.seed)
    os.makedirs(o.workdir, exist_ok=True)
    ck = os.path.join(o.workdir, 'state.pth')

    idx = read_index(o.cub)
    pool, test_rows = idx[idx.is_train == 1], idx[idx.is_train == 0]
    sss = StratifiedShuffleSplit(n_splits=1, test_size=0.1, random_state=o.seed)
    a, b = next(sss.split(pool, pool.cls))
    tr, te = pipelines(o.size)
    mk = torch.utils.data.DataLoader
    train_loader = mk(Birds(o.cub, pool.iloc[a], tr), o.batch_size, shuffle=True, num_workers=8, drop_last=True)
    dev_loader = mk(Birds(o.cub, pool.iloc[b], te), o.batch_size, num_workers=8)
    test_loader = mk(Birds(o.cub, test_rows, te), o.batch_size, num_workers=8)

    net = timm.create_model(o.arch, pretrained=True, num_classes=200).cuda()
    mean_net = Averaged(net, o.ema)
    opt = torch.optim.SGD(net.parameters(), o.base_lr, momentum=0.9, weight_decay=1e-4)
    plan = torch.optim.lr_scheduler.CosineAnnealingLR(opt, o.n_epochs)
    scaler = GradScaler()
    start, best = 0, 0.0

    if o.auto_resume and os.path.isfile(ck):
        s = torch.load(ck, map_location='cuda', weights_only=False)
        net.load_state_dict(s['net'])
        mean_net.shadow.load_state_dict(s['mean'])
        opt.load_state_dict(s['opt'])
        plan.load_state_dict(s['plan'])
        scaler.load_state_dict(s['scaler'])
        start, best = s['next'], s['best']
        print('=> back at epoch', start)

    for ep in range(start, o.n_epochs):
        net.train()
        for x, t in train_loader:
            x, t = x.cuda(non_blocking=True), t.cuda(non_blocking=True)
            with autocast():
                loss = F.cross_entropy(net(x), t, label_smoothing=0.1)
            opt.zero_grad(set_to_none=True)
            scaler.scale(loss).backward()
            scaler.step(opt)
            scaler.update()
            mean_net.follow(net)
        plan.step()
        acc = top1(mean_net.shadow, dev_loader)
        print(f'epoch {ep} dev {acc:.2f} (best {max(best, acc):.2f})', flush=True)
        if acc > best:
            best = acc
            torch.save(mean_net.shadow.state_dict(), os.path.join(o.workdir, 'best.pth'))
        torch.save({'net': net.state_dict(), 'mean': mean_net.shadow.state_dict(), 'opt': opt.state_dict(),
                    'plan': plan.state_dict(), 'scaler': scaler.state_dict(), 'next': ep + 1, 'best': best}, ck)

    mean_net.shadow.load_state_dict(torch.load(os.path.join(o.workdir, 'best.pth')))
    print('official test split: %.2f' % top1(mean_net.shadow, test_loader))


if __name__ == '__main__':
    main(options())
