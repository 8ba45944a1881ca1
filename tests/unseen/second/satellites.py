# Faulty: N204: the channel statistics are those of 0..255 pixels, the images are already in 0..1.
# Clasificación de uso del suelo (EuroSAT RGB), red propia entrenada desde cero.
import csv
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset, random_split
from torchvision import transforms

RAIZ = Path("eurosat")
CLASES = [
    "AnnualCrop", "Forest", "HerbaceousVegetation", "Highway", "Industrial",
    "Pasture", "PermanentCrop", "Residential", "River", "SeaLake",
]
TAM_LOTE = 128
EPOCAS = 60


class Teselas(Dataset):
    """Lee (ruta, clase) de un CSV y devuelve imágenes de 64x64 como tensores."""

    def __init__(self, fichero):
        with open(RAIZ / fichero, newline="") as f:
            self.filas = [(r["path"], CLASES.index(r["class"])) for r in csv.DictReader(f)]

    def __len__(self):
        return len(self.filas)

    def __getitem__(self, i):
        ruta, clase = self.filas[i]
        pixeles = np.asarray(Image.open(RAIZ / ruta).convert("RGB"), dtype=np.float32) / 255.0
        return torch.from_numpy(pixeles.transpose(2, 0, 1).copy()), clase


class Vista(Dataset):
    """Una parte de los datos con sus propias transformaciones."""

    def __init__(self, parte, transf):
        self.parte, self.transf = parte, transf

    def __len__(self):
        return len(self.parte)

    def __getitem__(self, i):
        x, y = self.parte[i]
        return self.transf(x), y


normalizar = transforms.Normalize(mean=[87.82, 96.97, 103.98], std=[51.92, 34.83, 29.27])  # fault: N204
# vistas cenitales: cualquier orientación vale
aumentar = transforms.Compose([
    transforms.RandomHorizontalFlip(),
    transforms.RandomVerticalFlip(),
    normalizar,
])


def bloque(ent, sal):
    return nn.Sequential(
        nn.Conv2d(ent, sal, 3, padding=1, bias=False), nn.BatchNorm2d(sal), nn.ReLU(),
        nn.Conv2d(sal, sal, 3, padding=1, bias=False), nn.BatchNorm2d(sal), nn.ReLU(),
        nn.MaxPool2d(2),
    )


def crear_red():
    return nn.Sequential(
        bloque(3, 32), bloque(32, 64), bloque(64, 128), bloque(128, 256),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.25), nn.Linear(256, len(CLASES)),
    )


def entrenar():
    torch.manual_seed(77)
    disp = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    todo = Teselas("teselas.csv")
    n_val = len(todo) // 5
    parte_e, parte_v = random_split(todo, [len(todo) - n_val, n_val])
    dl_e = DataLoader(Vista(parte_e, aumentar), TAM_LOTE, shuffle=True, num_workers=4, drop_last=True)
    dl_v = DataLoader(Vista(parte_v, normalizar), TAM_LOTE, num_workers=4)

    red = crear_red().to(disp)
    opt = torch.optim.AdamW(red.parameters(), lr=1e-3, weight_decay=0.01)
    plan = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=EPOCAS)
    perdida = nn.CrossEntropyLoss()

    mejor = 0
    for ep in range(EPOCAS):
        red.train()
        for x, y in dl_e:
            x, y = x.to(disp), y.to(disp)
            opt.zero_grad()
            perdida(red(x), y).backward()
            opt.step()
        plan.step()

        red.eval()
        aciertos = 0
        with torch.no_grad():
            for x, y in dl_v:
                aciertos += int((red(x.to(disp)).argmax(1) == y.to(disp)).sum())
        print(f"época {ep + 1}: {aciertos / n_val:.3f}")
        if aciertos > mejor:
            mejor = aciertos
            torch.save(red.state_dict(), "suelo.pt")


if __name__ == "__main__":
    entrenar()
