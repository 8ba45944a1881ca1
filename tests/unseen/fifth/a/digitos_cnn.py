# -*- coding: utf-8 -*-
# Práctica 3 - dígitos de Kaggle (train.csv / test.csv)
import pandas as pd
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.utils.data import TensorDataset, DataLoader
from sklearn.model_selection import train_test_split

torch.manual_seed(3)
np.random.seed(3)

datos = pd.read_csv('../input/digit-recognizer/train.csv')
prueba = pd.read_csv('../input/digit-recognizer/test.csv')

etiquetas = datos['label'].values
pixeles = datos.drop(columns=['label']).values.astype(np.float32)
pixeles = pixeles / 255
pixeles_prueba = prueba.values.astype(np.float32) / 255

pixeles = pixeles.reshape(-1, 1, 28, 28)
pixeles_prueba = pixeles_prueba.reshape(-1, 1, 28, 28)

X_tr, X_va, y_tr, y_va = train_test_split(pixeles, etiquetas, test_size=0.1, stratify=etiquetas, random_state=3)
print(X_tr.shape, X_va.shape, X_tr.max())

ds_tr = TensorDataset(torch.from_numpy(X_tr), torch.from_numpy(y_tr).long())
ds_va = TensorDataset(torch.from_numpy(X_va), torch.from_numpy(y_va).long())
ds_pr = TensorDataset(torch.from_numpy(pixeles_prueba))

cargador = DataLoader(ds_tr, batch_size=64, shuffle=True, num_workers=2)
cargador_va = DataLoader(ds_va, batch_size=256, num_workers=2)
cargador_pr = DataLoader(ds_pr, batch_size=256, num_workers=2)

# primera versión, ya no la uso
# class Red(nn.Module):
#     def __init__(self):
#         super().__init__()
#         self.l1 = nn.Linear(784, 100)
#         self.l2 = nn.Linear(100, 10)

class RedConv(nn.Module):
    def __init__(self):
        super(RedConv, self).__init__()
        self.conv1 = nn.Conv2d(1, 32, 3, padding=1)
        self.conv2 = nn.Conv2d(32, 32, 3, padding=1)
        self.conv3 = nn.Conv2d(32, 64, 3, padding=1)
        self.conv4 = nn.Conv2d(64, 64, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(32)
        self.bn2 = nn.BatchNorm2d(64)
        self.pool = nn.MaxPool2d(2)
        self.drop = nn.Dropout(0.4)
        self.fc1 = nn.Linear(64 * 7 * 7, 256)
        self.fc2 = nn.Linear(256, 10)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = self.pool(F.relu(self.bn1(self.conv2(x))))
        x = F.relu(self.conv3(x))
        x = self.pool(F.relu(self.bn2(self.conv4(x))))
        x = x.view(x.size(0), -1)
        x = self.drop(F.relu(self.fc1(x)))
        return F.log_softmax(self.fc2(x), dim=1)

dispositivo = torch.device('cuda' if torch.cuda.is_available() else 'cpu')
red = RedConv().to(dispositivo)
criterio = nn.NLLLoss()
optimizador = optim.Adam(red.parameters(), lr=0.001)
plan = optim.lr_scheduler.StepLR(optimizador, step_size=7, gamma=0.2)

EPOCAS = 20
for epoca in range(EPOCAS):
    red.train()
    suma = torch.zeros((), device=dispositivo)
    for x, y in cargador:
        x = x.to(dispositivo)
        y = y.to(dispositivo)
        optimizador.zero_grad()
        salida = red(x)
        perdida = criterio(salida, y)
        perdida.backward()
        optimizador.step()
        suma += perdida.detach() * x.size(0)
    plan.step()

    red.eval()
    aciertos = torch.zeros((), device=dispositivo)
    suma_va = torch.zeros((), device=dispositivo)
    with torch.no_grad():
        for x, y in cargador_va:
            x = x.to(dispositivo)
            y = y.to(dispositivo)
            salida = red(x)
            suma_va += criterio(salida, y) * x.size(0)
            aciertos += (salida.argmax(1) == y).sum()
    print('época', epoca, 'pérdida', (suma / len(ds_tr)).item(),
          'val', (suma_va / len(ds_va)).item(), 'exactitud', (aciertos / len(ds_va)).item())

red.eval()
pred = []
with torch.no_grad():
    for (x,) in cargador_pr:
        pred.append(red(x.to(dispositivo)).argmax(1).cpu())
pred = torch.cat(pred).numpy()
pd.DataFrame({'ImageId': np.arange(1, len(pred) + 1), 'Label': pred}).to_csv('submission.csv', index=False)
