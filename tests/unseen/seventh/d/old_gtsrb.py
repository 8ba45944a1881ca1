# -*- coding: utf-8 -*-
# Verkehrszeichen (GTSRB), 43 Klassen. Python 2.7, torch 0.3, torchvision 0.2
#
#   python old_gtsrb.py --train gtsrb/train --val gtsrb/val
#
# Die Ordner heissen 00000 ... 00042, die Aufteilung nach Spuren macht split_tracks.sh
import optparse
import time

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.autograd import Variable
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

opts = optparse.OptionParser()
opts.add_option('--train', default='gtsrb/train')
opts.add_option('--val', default='gtsrb/val')
opts.add_option('--bs', type='int', default=64)
opts.add_option('--epochs', type='int', default=30)
opts.add_option('--lr', type='float', default=0.0005)
opts.add_option('--seed', type='int', default=4)
o, _ = opts.parse_args()

torch.manual_seed(o.seed)
torch.cuda.manual_seed_all(o.seed)

NORM = transforms.Normalize((0.3403, 0.3121, 0.3214), (0.2724, 0.2608, 0.2669))

# nicht spiegeln: "rechts abbiegen" waere sonst "links abbiegen"
fuer_training = transforms.Compose([
    transforms.Resize((48, 48)),
    transforms.RandomRotation(10),
    transforms.ColorJitter(brightness=0.3, contrast=0.3),
    transforms.ToTensor(),
    NORM,
])
fuer_pruefung = transforms.Compose([
    transforms.Resize((48, 48)),
    transforms.ToTensor(),
    NORM,
])

d_train = datasets.ImageFolder(o.train, fuer_training)
d_val = datasets.ImageFolder(o.val, fuer_pruefung)
assert d_train.class_to_idx == d_val.class_to_idx
assert len(d_train.classes) == 43

l_train = DataLoader(d_train, batch_size=o.bs, shuffle=True, num_workers=4, pin_memory=True)
l_val = DataLoader(d_val, batch_size=o.bs, shuffle=False, num_workers=4, pin_memory=True)


class Schilder(nn.Module):
    def __init__(self):
        super(Schilder, self).__init__()
        self.conv1 = nn.Conv2d(3, 64, 5, padding=2)
        self.b1 = nn.BatchNorm2d(64)
        self.conv2 = nn.Conv2d(64, 128, 3, padding=1)
        self.b2 = nn.BatchNorm2d(128)
        self.conv3 = nn.Conv2d(128, 256, 3, padding=1)
        self.b3 = nn.BatchNorm2d(256)
        self.fc1 = nn.Linear(256 * 6 * 6, 400)
        self.drop = nn.Dropout(0.5)
        self.fc2 = nn.Linear(400, 43)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.b1(self.conv1(x))), 2)
        x = F.max_pool2d(F.relu(self.b2(self.conv2(x))), 2)
        x = F.max_pool2d(F.relu(self.b3(self.conv3(x))), 2)
        x = x.view(x.size(0), -1)
        x = self.drop(F.relu(self.fc1(x)))
        return F.log_softmax(self.fc2(x), dim=1)


netz = Schilder().cuda()
verlust = nn.NLLLoss()
opt = optim.Adam(netz.parameters(), lr=o.lr, weight_decay=1e-5)
plan = optim.lr_scheduler.ReduceLROnPlateau(opt, mode='min', factor=0.5, patience=3)
opt.zero_grad()


def pruefen():
    netz.eval()
    summe, richtig = 0.0, 0
    for bild, ziel in l_val:
        bild = Variable(bild.cuda(async=True), volatile=True)
        ziel = Variable(ziel.cuda(async=True), volatile=True)
        aus = netz(bild)
        summe += verlust(aus, ziel).data[0] * ziel.size(0)
        richtig += (aus.data.max(1)[1] == ziel.data).sum()
    return summe / len(d_val), 100.0 * richtig / len(d_val)


bester = 1e9
for epoche in range(1, o.epochs + 1):
    start = time.time()
    netz.train()
    laufend = 0.0
    for nr, (bild, ziel) in enumerate(l_train):
        bild, ziel = Variable(bild.cuda(async=True)), Variable(ziel.cuda(async=True))
        fehler = verlust(netz(bild), ziel)
        fehler.backward()
        opt.step()
        opt.zero_grad()
        laufend += fehler.data[0]
        if nr % 200 == 199:
            print 'Epoche %d, Schritt %d: %.4f' % (epoche, nr + 1, laufend / 200)
            laufend = 0.0
    v, genau = pruefen()
    plan.step(v)
    print 'Epoche %d fertig (%.0f s): Verlust %.4f, %.2f %% richtig' % (epoche, time.time() - start, v, genau)
    if v < bester:
        bester = v
        torch.save(netz.state_dict(), 'schilder.pth')
        print '   -> gespeichert'
