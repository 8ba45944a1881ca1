# Sound.
# -*- coding: utf-8 -*-
# 地表覆盖分类：先训练分类头，之后解冻最后一个 dense block
import argparse, os, random
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Subset
from torchvision import datasets, models, transforms


class EarlyStopping:
    """val loss 连续 patience 轮没有下降就停"""

    def __init__(self, patience=6, delta=1e-4, path='dense_best.pt'):
        self.patience, self.delta, self.path = patience, delta, path
        self.best, self.count, self.stop = None, 0, False

    def __call__(self, val_loss, model):
        if self.best is None or val_loss < self.best - self.delta:
            self.best = val_loss
            self.count = 0
            torch.save(model.state_dict(), self.path)
        else:
            self.count += 1
            print('  EarlyStopping %d/%d' % (self.count, self.patience))
            self.stop = self.count >= self.patience


def set_seed(s):
    random.seed(s)
    np.random.seed(s)
    torch.manual_seed(s)


def freeze_by_name(model, keep):
    for name, p in model.named_parameters():
        p.requires_grad = any(name.startswith(k) for k in keep)


def unfreeze(model, prefixes):
    got = []
    for name, p in model.named_parameters():
        if any(name.startswith(k) for k in prefixes) and not p.requires_grad:
            p.requires_grad = True
            got.append(p)
    return got


def get_loaders(root, bs):
    # EuroSAT 没有官方划分，这里随机 80/20。两个 ImageFolder 指向同一目录，只是变换不同
    nrm = transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    tf_a = transforms.Compose([transforms.Resize((224, 224)), transforms.RandomHorizontalFlip(),
                               transforms.RandomVerticalFlip(), transforms.ToTensor(), nrm])
    tf_b = transforms.Compose([transforms.Resize((224, 224)), transforms.ToTensor(), nrm])
    full_a, full_b = datasets.ImageFolder(root, tf_a), datasets.ImageFolder(root, tf_b)
    idx = torch.randperm(len(full_a), generator=torch.Generator().manual_seed(5)).tolist()
    cut = int(0.8 * len(idx))
    tr = DataLoader(Subset(full_a, idx[:cut]), batch_size=bs, shuffle=True, num_workers=4)
    va = DataLoader(Subset(full_b, idx[cut:]), batch_size=bs, shuffle=False, num_workers=4)
    return tr, va


def run_epoch(model, loader, crit, dev, opt=None):
    """opt=None 表示验证"""
    training = opt is not None
    model.train(training)
    tot, ok, n = 0.0, 0, 0
    with torch.set_grad_enabled(training):
        for x, y in loader:
            x, y = x.to(dev), y.to(dev)
            out = model(x)
            loss = crit(out, y)
            if training:
                opt.zero_grad()
                loss.backward()
                opt.step()
            tot += loss.item() * x.size(0)
            ok += (out.argmax(1) == y).sum().item()
            n += x.size(0)
    return tot / n, ok / n


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--root', default='EuroSAT/2750')
    ap.add_argument('--bs', type=int, default=64)
    ap.add_argument('--epochs', type=int, default=40)
    ap.add_argument('--unfreeze-at', type=int, default=5)
    args = ap.parse_args()

    set_seed(5)
    dev = torch.device('cuda' if torch.cuda.is_available() else 'cpu')
    tr, va = get_loaders(args.root, args.bs)

    model = models.densenet121(pretrained=True)
    model.classifier = nn.Linear(model.classifier.in_features, 10)
    freeze_by_name(model, keep=['classifier'])
    model.to(dev)

    crit = nn.CrossEntropyLoss()
    opt = torch.optim.Adam(filter(lambda p: p.requires_grad, model.parameters()), lr=1e-3)
    stopper = EarlyStopping()

    for ep in range(args.epochs):
        if ep == args.unfreeze_at:
            extra = unfreeze(model, ['features.denseblock4', 'features.norm5'])
            opt.add_param_group({'params': extra, 'lr': 1e-4})
            print('unfrozen', len(extra), 'tensors')
        tl, ta = run_epoch(model, tr, crit, dev, opt)
        vl, vacc = run_epoch(model, va, crit, dev)
        print('%02d train %.4f/%.4f  val %.4f/%.4f' % (ep, tl, ta, vl, vacc))
        stopper(vl, model)
        if stopper.stop:
            break


if __name__ == '__main__':
    main()
