# Sound.
# Müllsortierung: 12 Klassen, MobileNetV3, Gradienten-Akkumulation und gleitender Mittelwert der Gewichte (EMA)
import copy
import math
from pathlib import Path

import torch
import torch.nn.functional as F
import yaml
from torch import nn
from torch.utils.data import DataLoader
from torchvision import models, transforms
from torchvision.datasets import ImageFolder

EINSTELLUNGEN = """
daten:
  train: muell/train
  val: muell/val
  bild: 224
training:
  batch: 64
  sammeln: 4          # effektiv 256
  epochen: 40
  lr: 0.001
  warmup_schritte: 200
  decay: 0.01
  ema: 0.998
klassen: 12
zufall: 99
"""


class Ema:
    """Schattenkopie; Gewichte werden gemittelt, Puffer (BatchNorm) übernommen."""

    def __init__(self, netz, faktor):
        self.schatten = copy.deepcopy(netz).eval()
        self.schatten.requires_grad_(False)
        self.faktor = faktor

    @torch.no_grad()
    def nachziehen(self, netz):
        for s, p in zip(self.schatten.parameters(), netz.parameters()):
            s.lerp_(p, 1.0 - self.faktor)
        for s, b in zip(self.schatten.buffers(), netz.buffers()):
            s.copy_(b)


class Trainer:
    def __init__(self, cfg):
        self.cfg = cfg
        self.t = cfg["training"]
        self.geraet = "cuda" if torch.cuda.is_available() else "cpu"
        torch.manual_seed(cfg["zufall"])
        self._lade_daten()
        self._baue_netz()

    def _lade_daten(self):
        n = self.cfg["daten"]["bild"]
        norm = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
        train_tf = transforms.Compose([
            transforms.RandomResizedCrop(n, scale=(0.4, 1)),
            transforms.RandomHorizontalFlip(),
            transforms.RandAugment(num_ops=2, magnitude=7),
            transforms.ToTensor(),
            norm,
            transforms.RandomErasing(p=0.2),
        ])
        val_tf = transforms.Compose([
            transforms.Resize(232),
            transforms.CenterCrop(n),
            transforms.ToTensor(),
            norm,
        ])
        train = ImageFolder(self.cfg["daten"]["train"], train_tf)
        val = ImageFolder(self.cfg["daten"]["val"], val_tf)
        assert train.classes == val.classes and len(train.classes) == self.cfg["klassen"]
        self.train_dl = DataLoader(train, self.t["batch"], shuffle=True, num_workers=8, drop_last=True)
        self.val_dl = DataLoader(val, 256, num_workers=8)

    def _baue_netz(self):
        netz = models.mobilenet_v3_large(weights=models.MobileNet_V3_Large_Weights.IMAGENET1K_V2)
        netz.classifier[3] = nn.Linear(netz.classifier[3].in_features, self.cfg["klassen"])
        self.netz = netz.to(self.geraet)
        self.ema = Ema(self.netz, self.t["ema"])
        self.opt = torch.optim.AdamW(self.netz.parameters(), lr=self.t["lr"], weight_decay=self.t["decay"])
        self.pro_epoche = math.ceil(len(self.train_dl) / self.t["sammeln"])
        self.alle = self.pro_epoche * self.t["epochen"]
        self.schritt = 0

    def _setze_lr(self):
        w = self.t["warmup_schritte"]
        if self.schritt < w:
            f = (self.schritt + 1) / w
        else:
            f = 0.5 * (1 + math.cos(math.pi * (self.schritt - w) / (self.alle - w)))
        for g in self.opt.param_groups:
            g["lr"] = f * self.t["lr"]

    def epoche(self):
        self.netz.train()
        k, n = self.t["sammeln"], len(self.train_dl)
        self.opt.zero_grad()
        for i, (x, y) in enumerate(self.train_dl):
            x, y = x.to(self.geraet), y.to(self.geraet)
            gruppe = min(k, n - (i // k) * k)       # die letzte Gruppe kann kleiner sein
            verlust = F.cross_entropy(self.netz(x), y, label_smoothing=0.05)
            (verlust / gruppe).backward()
            if (i + 1) % k == 0 or i + 1 == n:
                self._setze_lr()
                self.opt.step()
                self.opt.zero_grad()
                self.ema.nachziehen(self.netz)
                self.schritt += 1

    @torch.no_grad()
    def pruefen(self):
        richtig = 0
        for x, y in self.val_dl:
            # die Schattenkopie steht immer auf eval()
            richtig += (self.ema.schatten(x.to(self.geraet)).argmax(1).cpu() == y).sum().item()
        return richtig / len(self.val_dl.dataset)

    def los(self):
        beste = 0.0
        for e in range(self.t["epochen"]):
            self.epoche()
            acc = self.pruefen()
            print(f"Epoche {e}: {acc:.4f}")
            if acc > beste:
                beste = acc
                torch.save(self.ema.schatten.state_dict(), Path("muell_ema.pt"))


if __name__ == "__main__":
    Trainer(yaml.safe_load(EINSTELLUNGEN)).los()
