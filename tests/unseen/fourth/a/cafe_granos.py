# -*- coding: utf-8 -*-
"""Clasificación de granos de café verde (foto de un solo grano)."""
import json
import os

import pandas as pd
import torch
import torch.nn as nn
import torch.optim as optim
from PIL import Image
from sklearn.model_selection import train_test_split
from torch.optim.lr_scheduler import StepLR
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms
from torchvision.models import MobileNet_V2_Weights, mobilenet_v2

CLASES = {"sano": 0, "negro": 1, "agrio": 2, "brocado": 3, "quebrado": 4, "concha": 5}


class Granos(Dataset):
    def __init__(self, filas, carpeta, transformacion):
        self.filas = filas.reset_index(drop=True)
        self.carpeta = carpeta
        self.transformacion = transformacion

    def __len__(self):
        return len(self.filas)

    def __getitem__(self, i):
        fila = self.filas.loc[i]
        imagen = Image.open(os.path.join(self.carpeta, fila["archivo"])).convert("RGB")
        return self.transformacion(imagen), CLASES[fila["clase"]]


class Entrenador:
    def __init__(self, red, tasa=0.01, epocas=30, dispositivo="cuda"):
        self.dispositivo = torch.device(dispositivo)
        self.red = red.to(self.dispositivo)
        self.epocas = epocas
        self.perdida = nn.CrossEntropyLoss()
        self.optimizador = optim.SGD(self.red.parameters(), lr=tasa, momentum=0.9, weight_decay=5e-4)
        self.plan = StepLR(self.optimizador, step_size=10, gamma=0.1)
        self.historia = []

    def a_gpu(self, lote):
        return [t.to(self.dispositivo, non_blocking=True) for t in lote]

    def evaluar(self, cargador):
        self.red.eval()
        aciertos, total = torch.zeros((), device=self.dispositivo), 0
        with torch.no_grad():
            for lote in cargador:
                x, y = self.a_gpu(lote)
                aciertos += (self.red(x).argmax(1) == y).sum()
                total += len(y)
        return aciertos.item() / total

    def entrenar(self, entrenamiento, validacion):
        self.red.train()  # fault: C311
        mejor = 0.0
        for epoca in range(1, self.epocas + 1):
            suma, vistos = torch.zeros((), device=self.dispositivo), 0
            for lote in entrenamiento:
                x, y = self.a_gpu(lote)
                self.optimizador.zero_grad()
                perdida = self.perdida(self.red(x), y)
                perdida.backward()
                self.optimizador.step()
                suma += perdida.detach() * len(y)
                vistos += len(y)
            self.plan.step()
            exactitud = self.evaluar(validacion)
            self.historia.append({"epoca": epoca, "perdida": suma.item() / vistos, "exactitud": exactitud})
            print(self.historia[-1])
            if exactitud > mejor:
                mejor = exactitud
                torch.save(self.red.state_dict(), "granos.pt")
        with open("historia.json", "w") as f:
            json.dump(self.historia, f, indent=2)


def principal():
    torch.manual_seed(2024)
    tabla = pd.read_csv("granos.csv")
    filas_e, filas_v = train_test_split(tabla, test_size=0.2, random_state=2024, stratify=tabla["clase"])

    normalizar = transforms.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
    t_entrenar = transforms.Compose([
        transforms.Resize((224, 224)),
        transforms.RandomRotation(180, fill=255),
        transforms.RandomHorizontalFlip(),
        transforms.ColorJitter(brightness=0.15, contrast=0.15),
        transforms.ToTensor(),
        normalizar,
    ])
    t_validar = transforms.Compose([transforms.Resize((224, 224)), transforms.ToTensor(), normalizar])

    opciones = dict(batch_size=64, num_workers=4, pin_memory=True)
    cargador_e = DataLoader(Granos(filas_e, "granos", t_entrenar), shuffle=True, **opciones)
    cargador_v = DataLoader(Granos(filas_v, "granos", t_validar), shuffle=False, **opciones)

    red = mobilenet_v2(weights=MobileNet_V2_Weights.IMAGENET1K_V2)
    red.classifier[1] = nn.Linear(red.last_channel, len(CLASES))
    Entrenador(red).entrenar(cargador_e, cargador_v)


if __name__ == "__main__":
    principal()
