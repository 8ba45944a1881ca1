# -*- coding: utf-8 -*-
# Schadensarten an Karosserien (8 Klassen) - Stand Maerz
import copy
import os

import torch
from torch import nn, optim
from torch.utils.data import DataLoader
from torchvision import datasets, models
from torchvision import transforms as T

BASIS = os.environ.get('SCHADEN_DIR', '/mnt/nas/schaden')
KLASSEN = 8
EPOCHEN = 30
BS = 40

norm = T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
tf = {
    'train': T.Compose([T.RandomResizedCrop(224), T.RandomHorizontalFlip(), T.ToTensor(), norm, T.ColorJitter(0.3, 0.3, 0.3)]),  # fault: N210
    'val': T.Compose([T.Resize(256), T.CenterCrop(224), T.ToTensor(), norm]),
}
# alter Stand, ohne Farbvariation
# tf_alt = T.Compose([T.Resize(256), T.RandomCrop(224), T.ToTensor(), norm])

daten = {t: datasets.ImageFolder(os.path.join(BASIS, t), tf[t]) for t in ('train', 'val')}
lader = {t: DataLoader(daten[t], batch_size=BS, shuffle=(t == 'train'), num_workers=6, pin_memory=True)
         for t in ('train', 'val')}

geraet = torch.device('cuda:0' if torch.cuda.is_available() else 'cpu')
netz = models.resnet50(weights='IMAGENET1K_V2')
netz.fc = nn.Linear(netz.fc.in_features, KLASSEN)
netz.to(geraet)

verlust = nn.CrossEntropyLoss()
optimierer = optim.SGD(netz.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)
plan = optim.lr_scheduler.MultiStepLR(optimierer, milestones=[15, 25], gamma=0.1)

beste, beste_gewichte = 0.0, None
for ep in range(EPOCHEN):
    for teil in ('train', 'val'):
        if teil == 'train':
            netz.train()
        else:
            netz.eval()
        summe = torch.zeros((), device=geraet)
        richtig = torch.zeros((), device=geraet)
        anzahl = 0
        for bild, kl in lader[teil]:
            bild, kl = bild.to(geraet, non_blocking=True), kl.to(geraet, non_blocking=True)
            with torch.set_grad_enabled(teil == 'train'):
                aus = netz(bild)
                l = verlust(aus, kl)
                if teil == 'train':
                    optimierer.zero_grad()
                    l.backward()
                    optimierer.step()
            summe += l.detach() * kl.size(0)
            richtig += (aus.detach().argmax(1) == kl).sum()
            anzahl += kl.size(0)
        gen = (richtig / anzahl).item()
        print('%3d %-5s Verlust %.4f  Genauigkeit %.4f' % (ep, teil, (summe / anzahl).item(), gen))
        if teil == 'val' and gen > beste:
            beste = gen
            beste_gewichte = copy.deepcopy(netz.state_dict())
    plan.step()

print('bestes Val-Ergebnis:', beste)
torch.save({'gewichte': beste_gewichte, 'klassen': daten['train'].classes}, 'schaden_r50.pt')
