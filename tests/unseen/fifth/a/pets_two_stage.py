# Haustier-Projekt, 2. Versuch (der erste liegt in alt/)
import os, glob, random
import numpy as np
import torch, torchvision
import torch.nn as nn
from PIL import Image
from torch.utils.data import Dataset, DataLoader, WeightedRandomSampler
from torchvision import transforms

ORDNER = os.environ.get("PETS", "./pets")
KLASSEN = sorted(d for d in os.listdir(ORDNER + "/train") if os.path.isdir(ORDNER + "/train/" + d))
BATCH = 32
KOPF_EPOCHEN = 5
ALLE_EPOCHEN = 15
GERAET = "cuda" if torch.cuda.is_available() else "cpu"

random.seed(99); np.random.seed(99); torch.manual_seed(99)

# alte Werte, nicht mehr benutzt
# KLASSEN = ['cat', 'dog']
# BATCH = 8

class Bilder(Dataset):
    def __init__(self, teil, t):
        self.paare = []
        for nr, k in enumerate(KLASSEN):
            for p in sorted(glob.glob(f"{ORDNER}/{teil}/{k}/*.jpg")):
                self.paare.append((p, nr))
        self.t = t
    def __len__(self):
        return len(self.paare)
    def __getitem__(self, i):
        p, nr = self.paare[i]
        return self.t(Image.open(p).convert("RGB")), nr

norm = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
tt = transforms.Compose([transforms.RandomResizedCrop(224), transforms.RandomHorizontalFlip(),
                         transforms.RandomRotation(10), transforms.ToTensor(), norm])
tv = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(), norm])

d_train, d_val = Bilder("train", tt), Bilder("val", tv)
labels = np.array([n for _, n in d_train.paare])
anzahl = np.bincount(labels, minlength=len(KLASSEN))
gewicht = 1.0 / anzahl[labels]
ziehung = WeightedRandomSampler(torch.as_tensor(gewicht, dtype=torch.double), num_samples=len(labels), replacement=True)
l_train = DataLoader(d_train, batch_size=BATCH, sampler=ziehung, num_workers=4, pin_memory=True)
l_val = DataLoader(d_val, batch_size=BATCH, shuffle=False, num_workers=4, pin_memory=True)
print(dict(zip(KLASSEN, anzahl)))

netz = torchvision.models.resnet50(weights="IMAGENET1K_V2")
netz.fc = nn.Linear(2048, len(KLASSEN))
netz = netz.to(GERAET)
verlust = nn.CrossEntropyLoss()


def trainingsmodus(nur_kopf):
    netz.train()
    if nur_kopf:
        # eingefrorene Schichten behalten auch ihre BN-Statistik
        for m in netz.modules():
            if isinstance(m, nn.BatchNorm2d):
                m.eval()


def eine_epoche(opt, nur_kopf):
    trainingsmodus(nur_kopf)
    summe, n = torch.zeros((), device=GERAET), 0
    for x, y in l_train:
        x = x.to(GERAET, non_blocking=True); y = y.to(GERAET, non_blocking=True)
        opt.zero_grad()
        l = verlust(netz(x), y)
        l.backward()
        opt.step()
        summe += l.detach() * len(y); n += len(y)
    return (summe / n).item()


def pruefen():
    netz.eval()
    treffer, n = torch.zeros((), device=GERAET), 0
    with torch.no_grad():
        for x, y in l_val:
            treffer += (netz(x.to(GERAET)).argmax(1) == y.to(GERAET)).sum()
            n += len(y)
    return (treffer / n).item()


# ---- Stufe 1: nur der Kopf
for name, p in netz.named_parameters():
    p.requires_grad = name.startswith("fc.")
opt = torch.optim.AdamW(netz.fc.parameters(), lr=1e-3)
for e in range(KOPF_EPOCHEN):
    v = eine_epoche(opt, True)
    print("Kopf", e, round(v, 4), round(pruefen(), 4))

# ---- Stufe 2: alles, Rumpf langsamer
for p in netz.parameters():
    p.requires_grad = True
rumpf = [p for n, p in netz.named_parameters() if not n.startswith("fc.")]
opt = torch.optim.AdamW([{"params": rumpf, "lr": 3e-5}, {"params": netz.fc.parameters(), "lr": 3e-4}])
plan = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=ALLE_EPOCHEN)
for e in range(ALLE_EPOCHEN):
    v = eine_epoche(opt, False)
    plan.step()
    print("alles", e, round(v, 4), round(pruefen(), 4))
torch.save(netz.state_dict(), "haustiere.pt")
