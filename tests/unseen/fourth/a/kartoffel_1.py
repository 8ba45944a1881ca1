# Kartoffelblätter: gesund / Alternaria / Phytophthora
# Bilder liegen unter bilder/, die Tabellen train.csv und val.csv haben die Spalten datei und klasse.
from dataclasses import dataclass, field

import cv2
import numpy as np
import pandas as pd
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset
from torchvision import models, transforms

cv2.setNumThreads(0)      # sonst streiten sich OpenCV und die Worker


@dataclass
class Einstellungen:
    wurzel: str = "bilder"
    klassen: list = field(default_factory=lambda: ["gesund", "alternaria", "phytophthora"])
    kante: int = 224
    stapel: int = 32
    epochen: int = 15
    lernrate: float = 3e-4
    zerfall: float = 1e-4
    saat: int = 11
    arbeiter: int = 4


cfg = Einstellungen()
MITTEL = (0.485, 0.456, 0.406)
STREUUNG = (0.229, 0.224, 0.225)


class Blaetter(Dataset):
    def __init__(self, tabelle, umformung):
        t = pd.read_csv(tabelle)
        self.dateien = t["datei"].tolist()
        self.ziele = [cfg.klassen.index(k) for k in t["klasse"]]
        self.umformung = umformung

    def __len__(self):
        return len(self.dateien)

    def lesen(self, datei):
        bild = cv2.imread(f"{cfg.wurzel}/{datei}", cv2.IMREAD_COLOR)
        if bild is None:
            raise FileNotFoundError(datei)
        bild = cv2.cvtColor(bild, cv2.COLOR_BGR2RGB)
        bild = cv2.resize(bild, (cfg.kante, cfg.kante), interpolation=cv2.INTER_AREA)
        return np.ascontiguousarray(bild, dtype=np.float32)  # fault: C337

    def __getitem__(self, i):
        return self.umformung(self.lesen(self.dateien[i])), self.ziele[i]


train_um = transforms.Compose([
    transforms.ToTensor(),
    transforms.RandomHorizontalFlip(),
    transforms.RandomVerticalFlip(),
    transforms.Normalize(MITTEL, STREUUNG),
])
val_um = transforms.Compose([transforms.ToTensor(), transforms.Normalize(MITTEL, STREUUNG)])


def netz_bauen():
    netz = models.mobilenet_v3_large(weights="IMAGENET1K_V2")
    netz.classifier[3] = nn.Linear(netz.classifier[3].in_features, len(cfg.klassen))
    return netz


@torch.no_grad()
def pruefen(netz, lader, geraet):
    netz.eval()
    richtig = torch.zeros((), device=geraet)
    anzahl = 0
    for x, y in lader:
        x, y = x.to(geraet), y.to(geraet)
        richtig += (netz(x).argmax(1) == y).sum()
        anzahl += y.shape[0]
    return richtig.item() / anzahl


def main():
    torch.manual_seed(cfg.saat)
    geraet = torch.device("cuda:0" if torch.cuda.is_available() else "cpu")
    train_lader = DataLoader(Blaetter("train.csv", train_um), batch_size=cfg.stapel, shuffle=True,
                             num_workers=cfg.arbeiter, drop_last=True)
    val_lader = DataLoader(Blaetter("val.csv", val_um), batch_size=cfg.stapel, num_workers=cfg.arbeiter)

    netz = netz_bauen().to(geraet)
    verlust = nn.CrossEntropyLoss(label_smoothing=0.05)
    opt = torch.optim.Adam(netz.parameters(), lr=cfg.lernrate, weight_decay=cfg.zerfall)
    plan = torch.optim.lr_scheduler.StepLR(opt, step_size=6, gamma=0.3)

    for epoche in range(cfg.epochen):
        netz.train()
        summe = torch.zeros((), device=geraet)
        for x, y in train_lader:
            x, y = x.to(geraet), y.to(geraet)
            opt.zero_grad()
            v = verlust(netz(x), y)
            v.backward()
            opt.step()
            summe += v.detach()
        plan.step()
        guete = pruefen(netz, val_lader, geraet)
        print(f"Epoche {epoche + 1}/{cfg.epochen}: Verlust {summe.item() / len(train_lader):.4f}, Validierung {guete:.3f}")

    torch.save(netz.state_dict(), "kartoffel.pt")


if __name__ == "__main__":
    main()
