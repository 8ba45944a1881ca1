"""
Clasificación de lesiones de piel (ISIC 2019, 8 clases) con Swin-T.
Una GPU Ampere, bfloat16.

Uso:  python piel_swin.py --csv lesiones.csv --fotos /datos/isic2019
El csv tiene las columnas: imagen, clase (0..7), paciente
"""
import argparse
import csv
import math
import os
from collections import Counter, defaultdict
from random import Random

import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset
from torchvision.models import swin_t, Swin_T_Weights
from torchvision.transforms import (CenterCrop, ColorJitter, Compose, InterpolationMode, Normalize,
                                    RandomHorizontalFlip, RandomResizedCrop, RandomVerticalFlip, Resize, ToTensor)

MEDIA = [0.485, 0.456, 0.406]
DESV = [0.229, 0.224, 0.225]
CLASES = 8


class Lesiones(Dataset):
    def __init__(self, filas, carpeta, entrenar):
        self.filas, self.carpeta = filas, carpeta
        if entrenar:
            geom = [RandomResizedCrop(224, scale=(0.4, 1.0), interpolation=InterpolationMode.BICUBIC),
                    RandomHorizontalFlip(), RandomVerticalFlip(), ColorJitter(0.1, 0.1, 0.1)]
        else:
            geom = [Resize(238, interpolation=InterpolationMode.BICUBIC), CenterCrop(224)]
        self.prep = Compose(geom + [ToTensor(), Normalize(MEDIA, DESV)])

    def __len__(self):
        return len(self.filas)

    def __getitem__(self, k):
        nombre, clase = self.filas[k]
        foto = Image.open(os.path.join(self.carpeta, nombre + ".jpg")).convert("RGB")
        return self.prep(foto), clase


def leer(ruta, parte_val=0.2, semilla=101):
    """Los pacientes no se comparten entre entrenamiento y validación."""
    por_paciente = defaultdict(list)
    with open(ruta, newline="") as f:
        for r in csv.DictReader(f):
            por_paciente[r["paciente"]].append((r["imagen"], int(r["clase"])))
    pacientes = sorted(por_paciente)
    Random(semilla).shuffle(pacientes)
    corte = int(len(pacientes) * parte_val)
    junta = lambda ps: [fila for p in ps for fila in por_paciente[p]]
    return junta(pacientes[corte:]), junta(pacientes[:corte])


def grupos_por_capa(red, lr, decaimiento, factor):
    """features.0 es la más profunda (lr más bajo), head la última (lr entero)."""
    ultima = 8
    g = {}
    for nombre, p in red.named_parameters():
        capa = int(nombre.split(".")[1]) if nombre.startswith("features.") else ultima
        wd = 0.0 if p.ndim <= 1 or "relative_position_bias_table" in nombre else decaimiento
        clave = (capa, wd)
        if clave not in g:
            g[clave] = {"params": [], "lr": lr * factor ** (ultima - capa), "weight_decay": wd}
        g[clave]["params"].append(p)
    return list(g.values())


def curva(paso, calentamiento, total):
    if paso < calentamiento:
        return (paso + 1) / calentamiento
    return 0.5 * (1.0 + math.cos(math.pi * (paso - calentamiento) / (total - calentamiento)))


@torch.no_grad()
def exactitud_balanceada(red, datos):
    red.eval()
    bien, todos = Counter(), Counter()
    for x, y in datos:
        with torch.autocast("cuda", dtype=torch.bfloat16):
            z = red(x.cuda(non_blocking=True))
        for a, b in zip(z.argmax(1).tolist(), y.tolist()):
            todos[b] += 1
            bien[b] += a == b
    return sum(bien[c] / todos[c] for c in todos) / len(todos)


def principal():
    a = argparse.ArgumentParser()
    a.add_argument("--csv", required=True)
    a.add_argument("--fotos", required=True)
    a.add_argument("--salida", default="piel_swin_t.pt")
    o = a.parse_args()

    torch.manual_seed(101)
    epocas, lote, lr = 20, 64, 3e-4
    ent, val = leer(o.csv)
    d_ent = DataLoader(Lesiones(ent, o.fotos, True), lote, shuffle=True, drop_last=True, num_workers=8, pin_memory=True)
    d_val = DataLoader(Lesiones(val, o.fotos, False), 2 * lote, num_workers=8, pin_memory=True)

    red = swin_t(weights=Swin_T_Weights.IMAGENET1K_V1)
    red.head = nn.Linear(red.head.in_features, CLASES)
    red.cuda()

    # peso suave (raíz) contra el desequilibrio de clases
    n = Counter(c for _, c in ent)
    peso = torch.tensor([(len(ent) / (CLASES * n[c])) ** 0.5 for c in range(CLASES)], device="cuda")
    perdida = nn.CrossEntropyLoss(weight=peso)

    opt = torch.optim.AdamW(grupos_por_capa(red, lr, 0.05, 0.8), lr=lr)
    total = epocas * len(d_ent)
    plan = torch.optim.lr_scheduler.LambdaLR(opt, lambda p: curva(p, len(d_ent), total))

    mejor = 0.0
    for e in range(1, epocas + 1):
        red.train()
        suma = 0.0
        for x, y in d_ent:
            x, y = x.cuda(non_blocking=True), y.cuda(non_blocking=True)
            opt.zero_grad(set_to_none=True)
            with torch.autocast("cuda", dtype=torch.bfloat16):
                coste = perdida(red(x), y)
            coste.backward()
            nn.utils.clip_grad_norm_(red.parameters(), 5.0)
            opt.step()
            plan.step()
            suma += coste.item()
        eb = exactitud_balanceada(red, d_val)
        print(f"época {e:2d}  coste {suma / len(d_ent):.4f}  exactitud balanceada (val) {eb:.4f}")
        if eb > mejor:
            mejor = eb
            torch.save(red.state_dict(), o.salida)


if __name__ == "__main__":
    principal()
