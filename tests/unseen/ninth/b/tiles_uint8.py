# Roof tile defects, 6 classes. Pictures travel to the card as bytes and are made float there,
# which halves the traffic. Lists: lists/train.txt and lists/val.txt, "path<TAB>class number" per line.
import os
import cv2
import numpy as np
import timm
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import Dataset, DataLoader

cv2.setNumThreads(0)

ROOT = os.environ.get('TILES_ROOT', '/data/tiles')
CLASSES = ['ok', 'crack', 'chip', 'moss', 'stain', 'missing']
SIZE = 224
BATCH = 40
EPOCHS = 30
LR = 3e-4
DEV = 'cuda'

# ImageNet statistics in units of bytes
MEAN = torch.tensor([0.485, 0.456, 0.406]).mul(255).view(1, 3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).mul(255).view(1, 3, 1, 1)


class TileSet(Dataset):
    def __init__(self, listfile, train):
        self.items = []
        with open(os.path.join(ROOT, 'lists', listfile)) as fh:
            for line in fh:
                if line.strip():
                    path, cls = line.rstrip('\n').split('\t')
                    self.items.append((path, int(cls)))
        self.train = train

    def __len__(self):
        return len(self.items)

    def __getitem__(self, k):
        path, cls = self.items[k]
        img = cv2.imread(os.path.join(ROOT, path), cv2.IMREAD_COLOR)
        if img is None:
            raise FileNotFoundError(path)
        img = img[:, :, ::-1]
        img = cv2.resize(np.ascontiguousarray(img), (SIZE, SIZE), interpolation=cv2.INTER_AREA)
        if self.train:
            if torch.rand(1).item() < 0.5:
                img = img[:, ::-1]
            turns = int(torch.randint(0, 4, (1,)))
            img = np.rot90(img, turns)
        return torch.from_numpy(np.ascontiguousarray(img.transpose(2, 0, 1))), cls


def to_input(batch):
    """uint8 NCHW on the host -> normalised float NCHW on the card"""
    return batch.to(DEV, non_blocking=True).float().sub_(MEAN).div_(STD)


def confusion_of(net, loader):
    n = len(CLASSES)
    conf = torch.zeros(n * n, dtype=torch.long, device=DEV)
    net.eval()
    with torch.inference_mode():
        for xb, yb in loader:
            pred = net(to_input(xb)).argmax(dim=1)
            yb = yb.to(DEV, non_blocking=True)
            conf += torch.bincount(yb * n + pred, minlength=n * n)
    return conf.view(n, n).float().cpu()


if __name__ == '__main__':
    torch.manual_seed(2023)
    MEAN, STD = MEAN.to(DEV), STD.to(DEV)

    train_set = TileSet('train.txt', True)
    val_set = TileSet('val.txt', False)
    train_dl = DataLoader(train_set, BATCH, shuffle=True, drop_last=True, num_workers=8,
                          pin_memory=True, persistent_workers=True)
    val_dl = DataLoader(val_set, BATCH, num_workers=8, pin_memory=True, persistent_workers=True)

    # rare defects weigh more; square root so that they do not take over
    freq = np.bincount([c for _, c in train_set.items], minlength=len(CLASSES)).astype('float32')
    weights = torch.tensor(np.sqrt(freq.sum() / np.maximum(freq, 1)), dtype=torch.float32)
    weights = (weights / weights.mean()).to(DEV)

    net = timm.create_model('efficientnet_b0.ra_in1k', pretrained=True, num_classes=len(CLASSES)).to(DEV)
    opt = torch.optim.Adam(net.parameters(), lr=LR)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=LR, epochs=EPOCHS, steps_per_epoch=len(train_dl))

    best = -1.0
    for ep in range(EPOCHS):
        net.train()
        tally = torch.zeros((), device=DEV)
        for xb, yb in train_dl:
            yb = yb.to(DEV, non_blocking=True)
            loss = F.cross_entropy(net(to_input(xb)), yb, weight=weights)
            opt.zero_grad(set_to_none=True)
            loss.backward()
            opt.step()
            sched.step()
            tally += loss.detach()
        conf = confusion_of(net, val_dl)
        recall = conf.diag() / conf.sum(1).clamp(min=1)
        acc = (conf.diag().sum() / conf.sum()).item()
        balanced = recall.mean().item()
        print('epoch %2d  train %.4f  val acc %.4f  balanced %.4f' % (
            ep, tally.item() / len(train_dl), acc, balanced))
        if balanced > best:
            best = balanced
            torch.save({'net': net.state_dict(), 'classes': CLASSES, 'balanced': balanced}, 'tiles_best.pt')
