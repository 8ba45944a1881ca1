# Sound.
# -*- coding: utf-8 -*-
"""ConvNeXt-Tiny auf RESISC45 (Luftbilder, 45 Klassen).

Je tiefer die Schicht, desto kleiner die Lernrate. Gradienten werden ueber
vier Stapel gesammelt, daher zero_grad nur nach jedem Optimierungsschritt.
"""
import math
import random

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import ImageFolder
from torchvision.models import ConvNeXt_Tiny_Weights, convnext_tiny

SAAT = 2023
EPOCHEN = 30
STAPEL = 32
SAMMELN = 4
GRUND_LR = 5e-4
ABFALL = 0.75
VORLAUF = 2          # Epochen

random.seed(SAAT)
np.random.seed(SAAT)
torch.manual_seed(SAAT)
geraet = torch.device("cuda" if torch.cuda.is_available() else "cpu")

NORM = transforms.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
t_lern = transforms.Compose([
    transforms.RandomResizedCrop(224, scale=(0.4, 1.0)),
    transforms.RandomHorizontalFlip(),
    transforms.RandomVerticalFlip(),
    transforms.RandAugment(num_ops=2, magnitude=7),
    transforms.ToTensor(),
    NORM,
    transforms.RandomErasing(p=0.2),
])
t_fest = transforms.Compose([
    transforms.Resize(236),
    transforms.CenterCrop(224),
    transforms.ToTensor(),
    NORM,
])

lern = DataLoader(ImageFolder("resisc45/train", t_lern), batch_size=STAPEL, shuffle=True,
                  drop_last=True, num_workers=8, pin_memory=True)
pruef = DataLoader(ImageFolder("resisc45/val", t_fest), batch_size=128, num_workers=8)

netz = convnext_tiny(weights=ConvNeXt_Tiny_Weights.IMAGENET1K_V1)
netz.classifier[2] = nn.Linear(netz.classifier[2].in_features, 45)
netz.to(geraet)


def gruppen(netz):
    """features[0..7] mit geometrisch wachsender Rate, der Kopf mit der vollen."""
    n = len(netz.features)
    g = []
    for i, stufe in enumerate(netz.features):
        g.append({"params": stufe.parameters(), "lr": GRUND_LR * ABFALL ** (n - i)})
    g.append({"params": netz.classifier.parameters(), "lr": GRUND_LR})
    return g


schritte_je_epoche = math.ceil(len(lern) / SAMMELN)
gesamt = EPOCHEN * schritte_je_epoche
warm = VORLAUF * schritte_je_epoche


def faktor(s):
    if s < warm:
        return (s + 1) / warm
    return 0.5 * (1.0 + math.cos(math.pi * (s - warm) / (gesamt - warm)))


opt = torch.optim.AdamW(gruppen(netz), lr=GRUND_LR, weight_decay=0.05)
plan = torch.optim.lr_scheduler.LambdaLR(opt, faktor)
verlust = nn.CrossEntropyLoss(label_smoothing=0.1)


@torch.no_grad()
def pruefe():
    netz.eval()
    richtig = 0
    for bild, ziel in pruef:
        aus = netz(bild.to(geraet, non_blocking=True))
        richtig += (aus.argmax(1) == ziel.to(geraet)).sum().item()
    return richtig / len(pruef.dataset)


bestes = 0.0
for epoche in range(EPOCHEN):
    netz.train()
    opt.zero_grad()
    for i, (bild, ziel) in enumerate(lern):
        bild, ziel = bild.to(geraet, non_blocking=True), ziel.to(geraet, non_blocking=True)
        l = verlust(netz(bild), ziel) / SAMMELN
        l.backward()
        if (i + 1) % SAMMELN == 0 or i + 1 == len(lern):
            nn.utils.clip_grad_norm_(netz.parameters(), 1.0)
            opt.step()
            plan.step()              # Einheit: Optimierungsschritte, wie in faktor()
            opt.zero_grad()

    treffer = pruefe()
    print(f"Epoche {epoche + 1:02d}: {treffer:.4f}")
    if treffer > bestes:
        bestes = treffer
        torch.save(netz.state_dict(), "convnext_resisc.pt")
