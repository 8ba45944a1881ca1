# -*- coding: utf-8 -*-
"""Defectos en azulejos magnéticos (6 clases), imágenes en gris, una subcarpeta por clase."""
import os
import sys
from collections import Counter

import numpy as np
import torch
import torch.nn as nn
import torch.optim as optim
import torchvision.transforms as tt
from sklearn.metrics import classification_report, f1_score
from torch.utils.data import DataLoader, random_split
from torchvision.datasets import ImageFolder

CARPETA = sys.argv[1] if len(sys.argv) > 1 else "MagneticTile"
SEMILLA = 20
LADO = 128
LOTE = 32
EPOCAS = 60
dispositivo = "cuda" if torch.cuda.is_available() else "cpu"


def preparar(aumentar):
    pasos = [tt.Grayscale(1), tt.Resize((LADO, LADO))]
    if aumentar:
        pasos += [tt.RandomHorizontalFlip(), tt.RandomVerticalFlip(), tt.RandomAffine(0, translate=(0.08, 0.08))]
    pasos += [tt.ToTensor(), tt.Normalize([0.42], [0.21])]
    return tt.Compose(pasos)


def repartir(aumentar):
    """Siempre el mismo reparto 70/15/15, sólo cambia la transformación."""
    completo = ImageFolder(CARPETA, preparar(aumentar))
    n = len(completo)
    n_val = n_prueba = int(0.15 * n)
    moneda = torch.Generator()
    moneda.manual_seed(SEMILLA)
    return random_split(completo, [n - n_val - n_prueba, n_val, n_prueba], generator=moneda)


class RedAzulejos(nn.Module):
    def __init__(self, clases, canales=(24, 48, 96, 128)):
        super(RedAzulejos, self).__init__()
        capas, previo = [], 1
        for c in canales:
            capas.append(nn.Sequential(
                nn.Conv2d(previo, c, 3, padding=1, bias=False),
                nn.BatchNorm2d(c),
                nn.ReLU(inplace=True),
                nn.MaxPool2d(2),
            ))
            previo = c
        self.capas = nn.ModuleList(capas)
        self.salida = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.25), nn.Linear(previo, clases))

    def forward(self, x):
        for capa in self.capas:
            x = capa(x)
        return self.salida(x)


def recorrer(red, cargador, criterio):
    red.eval()
    perdida, verdad, dicho = 0.0, [], []
    with torch.no_grad():
        for x, y in cargador:
            z = red(x.to(dispositivo))
            perdida += criterio(z, y.to(dispositivo)).item() * len(y)
            verdad.extend(y.tolist())
            dicho.extend(z.argmax(1).tolist())
    return perdida / len(verdad), np.array(verdad), np.array(dicho)


def principal():
    torch.manual_seed(SEMILLA)
    entreno, _, _ = repartir(aumentar=True)
    _, val, prueba = repartir(aumentar=False)
    clases = val.dataset.classes

    # pesos de clase, la clase libre de defectos domina
    cuenta = Counter(entreno.dataset.targets[i] for i in entreno.indices)
    pesos = torch.tensor([len(entreno) / (len(clases) * cuenta[k]) for k in range(len(clases))])
    pesos = pesos.sqrt().to(dispositivo)

    c_entreno = DataLoader(entreno, LOTE, shuffle=True, num_workers=2, drop_last=True)
    c_val = DataLoader(val, LOTE, num_workers=2)
    c_prueba = DataLoader(prueba, LOTE, num_workers=2)

    red = RedAzulejos(len(clases)).to(dispositivo)
    criterio = nn.CrossEntropyLoss(weight=pesos)
    sin_peso = nn.CrossEntropyLoss()
    paso = optim.SGD(red.parameters(), lr=0.03, momentum=0.9, weight_decay=5e-4)
    ritmo = optim.lr_scheduler.ReduceLROnPlateau(paso, factor=0.2, patience=5)

    mejor = 0.0
    for epoca in range(EPOCAS):
        red.train()
        suma = 0.0
        for x, y in c_entreno:
            paso.zero_grad()
            perdida = criterio(red(x.to(dispositivo)), y.to(dispositivo))
            perdida.backward()
            paso.step()
            suma += perdida.item()
        p_val, verdad, dicho = recorrer(red, c_val, sin_peso)
        ritmo.step(p_val)
        f1 = f1_score(verdad, dicho, average="macro")
        print(f"{epoca:3d}  entreno {suma / len(c_entreno):.4f}  val {p_val:.4f}  F1 {f1:.4f}")
        if f1 > mejor:
            mejor = f1
            torch.save(red.state_dict(), os.path.join(".", "azulejos.pt"))

    red.load_state_dict(torch.load("azulejos.pt", map_location=dispositivo))
    _, verdad, dicho = recorrer(red, c_prueba, sin_peso)
    print(classification_report(verdad, dicho, labels=list(range(len(clases))), target_names=clases))


if __name__ == "__main__":
    principal()
