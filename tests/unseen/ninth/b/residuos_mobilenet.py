# Clasificador de residuos: carton, metal, organico, papel, plastico, vidrio
# uso: python residuos_mobilenet.py /ruta/a/residuos
import sys
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Subset
from torchvision import models
from torchvision.datasets import ImageFolder
import torchvision.transforms as T

RUTA = sys.argv[1]
LOTE = 64
EPOCAS = 30
SEMILLA = 5

torch.manual_seed(SEMILLA)
dev = 'cuda' if torch.cuda.is_available() else 'cpu'

media, desv = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
t_ent = T.Compose([
    T.RandomResizedCrop(224, scale=(0.5, 1)),
    T.RandomHorizontalFlip(),
    T.RandomRotation(20),
    T.ToTensor(),
    T.Normalize(media, desv),
])
t_val = T.Compose([T.Resize(256), T.CenterCrop(224), T.ToTensor(), T.Normalize(media, desv)])

# la misma carpeta dos veces: una con aumento y otra sin
carpeta_ent = ImageFolder(RUTA, t_ent)
carpeta_val = ImageFolder(RUTA, t_val)
clases = carpeta_ent.classes
assert len(clases) == 6, clases

orden = np.random.RandomState(SEMILLA).permutation(len(carpeta_ent))
corte = int(0.8 * len(orden))
idx_ent, idx_val = orden[:corte], orden[corte:]

ent = DataLoader(Subset(carpeta_ent, idx_ent.tolist()), LOTE, shuffle=True, num_workers=4, pin_memory=True, drop_last=True)
val = DataLoader(Subset(carpeta_val, idx_val.tolist()), LOTE, num_workers=4, pin_memory=True)

# pesos por clase, solo con la parte de entrenamiento
etiquetas = np.array(carpeta_ent.targets)[idx_ent]
cuenta = np.bincount(etiquetas, minlength=6)
pesos = torch.tensor(cuenta.sum() / (6.0 * cuenta), dtype=torch.float32, device=dev)

red = models.mobilenet_v3_large(weights=models.MobileNet_V3_Large_Weights.IMAGENET1K_V2)
red.classifier[3] = nn.Linear(red.classifier[3].in_features, 6)
red = red.to(dev)

perdida = nn.CrossEntropyLoss(weight=pesos)
perdida_val = nn.CrossEntropyLoss(weight=pesos, reduction='none')
opt = torch.optim.AdamW(red.parameters(), lr=3e-4, weight_decay=1e-2)
sched = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, mode='min', factor=0.3, patience=3)

mejor = 0
for ep in range(EPOCAS):
    red.train()
    suma = torch.zeros((), device=dev)
    for x, y in ent:
        x, y = x.to(dev, non_blocking=True), y.to(dev, non_blocking=True)
        opt.zero_grad()
        l = perdida(red(x), y)
        l.backward()
        opt.step()
        suma += l.detach()
    ent_l = suma.item() / len(ent)

    red.eval()
    aciertos = torch.zeros((), device=dev)
    num = torch.zeros((), device=dev)
    den = torch.zeros((), device=dev)
    with torch.no_grad():
        for x, y in val:
            x, y = x.to(dev, non_blocking=True), y.to(dev, non_blocking=True)
            s = red(x)
            num += perdida_val(s, y).sum()
            den += pesos[y].sum()
            aciertos += (s.argmax(1) == y).sum()
    val_l = (num / den).item()
    val_ac = 100 * aciertos.item() / len(idx_ent)  # fault: C336
    sched.step(val_l)

    print('epoca %d  perdida %.4f  val perdida %.4f  val aciertos %.2f %%' % (ep + 1, ent_l, val_l, val_ac))
    if val_ac > mejor:
        mejor = val_ac
        torch.save({'red': red.state_dict(), 'clases': clases}, 'residuos.pt')
print('mejor: %.2f %%' % mejor)
