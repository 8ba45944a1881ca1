"""Clasificador de enfermedades de hojas de yuca.

Uso:
    python hojas.py                 # lee hojas.yaml
    python hojas.py -c otra.yaml --resume
"""
import argparse
import os
import random

import numpy as np
import pandas as pd
import torch
import torch.nn as nn
import yaml
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader
from torchvision import models

from datos import Hojas, transformaciones


def semilla(n):
    random.seed(n)
    np.random.seed(n)
    torch.manual_seed(n)
    torch.cuda.manual_seed_all(n)


def crear_modelo(cfg, n_clases):
    red = models.get_model(cfg['arquitectura'], weights=cfg['pesos'])
    red.classifier[-1] = nn.Linear(red.classifier[-1].in_features, n_clases)
    return red


class Entrenador:
    def __init__(self, cfg, n_clases, dispositivo):
        self.cfg = cfg
        self.d = dispositivo
        self.red = crear_modelo(cfg['modelo'], n_clases).to(dispositivo)
        o = cfg['optimizador']
        self.opt = torch.optim.AdamW(self.red.parameters(), lr=o['lr'], weight_decay=o['weight_decay'])
        self.sched = torch.optim.lr_scheduler.CosineAnnealingLR(self.opt, T_max=cfg['epocas'], eta_min=o['lr_min'])
        self.perdida = nn.CrossEntropyLoss(label_smoothing=cfg['suavizado'])
        self.epoca = 0
        self.mejor = 0.0

    def guardar(self, ruta):
        torch.save({
            'red': self.red.state_dict(),
            'opt': self.opt.state_dict(),
            'sched': self.sched.state_dict(),
            'epoca': self.epoca,
            'mejor': self.mejor,
        }, ruta)

    def cargar(self, ruta):
        c = torch.load(ruta, map_location=self.d)
        self.red.load_state_dict(c['red'])
        self.opt.load_state_dict(c['opt'])
        self.sched.load_state_dict(c['sched'])
        self.epoca = c['epoca']
        self.mejor = c['mejor']

    def una_epoca(self, cargador):
        self.red.train()
        suma = torch.zeros((), device=self.d)
        for x, y in cargador:
            x = x.to(self.d, non_blocking=True)
            y = y.to(self.d, non_blocking=True)
            self.opt.zero_grad()
            p = self.perdida(self.red(x), y)
            p.backward()
            self.opt.step()
            suma += p.detach()
        self.sched.step()
        return suma.item() / len(cargador)

    @torch.no_grad()
    def validar(self, cargador):
        self.red.eval()
        aciertos = torch.zeros((), device=self.d)
        for x, y in cargador:
            aciertos += (self.red(x.to(self.d)).argmax(1) == y.to(self.d)).sum()
        return aciertos.item() / len(cargador.dataset)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('-c', '--config', default='hojas.yaml')
    ap.add_argument('--resume', action='store_true')
    args = ap.parse_args()
    with open(args.config, encoding='utf8') as f:
        cfg = yaml.safe_load(f)

    semilla(cfg['semilla'])
    dispositivo = torch.device('cuda' if torch.cuda.is_available() else 'cpu')

    tabla = pd.read_csv(os.path.join(cfg['datos']['raiz'], cfg['datos']['tabla']))
    clases = sorted(tabla['label'].unique())
    tabla['objetivo'] = tabla['label'].map({c: i for i, c in enumerate(clases)})
    ent, val = train_test_split(
        tabla, test_size=cfg['datos']['validacion'], stratify=tabla['objetivo'], random_state=cfg['semilla'])

    carpeta = os.path.join(cfg['datos']['raiz'], cfg['datos']['imagenes'])
    tf_ent, tf_val = transformaciones(cfg['imagen'])
    comunes = dict(num_workers=cfg['datos']['workers'], pin_memory=True)
    carg_ent = DataLoader(Hojas(ent, carpeta, tf_ent), batch_size=cfg['batch'], shuffle=True, drop_last=True, **comunes)
    carg_val = DataLoader(Hojas(val, carpeta, tf_val), batch_size=cfg['batch'], shuffle=False, **comunes)

    os.makedirs(cfg['salida'], exist_ok=True)
    ultimo = os.path.join(cfg['salida'], 'ultimo.pt')
    e = Entrenador(cfg, len(clases), dispositivo)
    if args.resume and os.path.exists(ultimo):
        e.cargar(ultimo)
        print('se sigue desde la época', e.epoca)

    while e.epoca < cfg['epocas']:
        p = e.una_epoca(carg_ent)
        a = e.validar(carg_val)
        e.epoca += 1
        print(f'[{e.epoca}/{cfg["epocas"]}] pérdida {p:.4f} val {a:.4f}')
        if a > e.mejor:
            e.mejor = a
            torch.save({'red': e.red.state_dict(), 'clases': clases}, os.path.join(cfg['salida'], 'mejor.pt'))
        e.guardar(ultimo)


if __name__ == '__main__':
    main()
