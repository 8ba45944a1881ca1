# -*- coding: utf-8 -*-
# Classificação de rochas (8 tipos) com skorch
# estrutura: rochas/treino/<tipo>/*.jpg   rochas/teste/<tipo>/*.jpg
import os
from glob import glob

import numpy as np
import torch
from PIL import Image
from sklearn.metrics import classification_report
from skorch import NeuralNetClassifier
from skorch.callbacks import Checkpoint, EarlyStopping, EpochScoring
from skorch.dataset import ValidSplit
from torch import nn

TIPOS = ['arenito', 'basalto', 'calcario', 'gnaisse', 'granito', 'marmore', 'quartzito', 'xisto']
TAM = 96
SEMENTE = 1234

torch.manual_seed(SEMENTE)
np.random.seed(SEMENTE)


def carregar(pasta):
    """Lê todas as fotos para a memória: X float32 em [-1, 1], y int64."""
    X, y = [], []
    for k, tipo in enumerate(TIPOS):
        for arq in sorted(glob(os.path.join(pasta, tipo, '*.jpg'))):
            im = Image.open(arq).convert('RGB').resize((TAM, TAM), Image.BILINEAR)
            X.append(np.asarray(im, dtype=np.float32) / 127.5 - 1.0)
            y.append(k)
    X = np.stack(X).transpose(0, 3, 1, 2)
    return np.ascontiguousarray(X), np.array(y, dtype=np.int64)


def bloco(ent, sai):
    return nn.Sequential(
        nn.Conv2d(ent, sai, 3, padding=1, bias=False),
        nn.BatchNorm2d(sai),
        nn.ReLU(inplace=True),
        nn.Conv2d(sai, sai, 3, padding=1, bias=False),
        nn.BatchNorm2d(sai),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
    )


class RedeRochas(nn.Module):
    def __init__(self, n_tipos=8, p=0.3):
        super().__init__()
        self.corpo = nn.Sequential(bloco(3, 32), bloco(32, 64), bloco(64, 128), bloco(128, 192))
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.drop = nn.Dropout(p)
        self.saida = nn.Linear(192, n_tipos)

    def forward(self, x):
        x = self.pool(self.corpo(x)).flatten(1)
        return self.saida(self.drop(x))


X, y = carregar('rochas/treino')
X_teste, y_teste = carregar('rochas/teste')
print('treino:', X.shape, ' teste:', X_teste.shape)

rede = NeuralNetClassifier(
    RedeRochas,
    module__n_tipos=len(TIPOS),
    criterion=nn.CrossEntropyLoss,
    optimizer=torch.optim.Adam,
    lr=1e-3,
    batch_size=64,
    max_epochs=50,
    iterator_train__shuffle=True,
    train_split=ValidSplit(cv=5, stratified=False),  # fault: C330
    callbacks=[
        ('acc_treino', EpochScoring('accuracy', name='train_acc', lower_is_better=False, on_train=True)),
        ('melhor', Checkpoint(monitor='valid_loss_best', dirname='rochas_ckpt', load_best=True)),
        ('parar', EarlyStopping(monitor='valid_loss', patience=12)),
    ],
    device='cuda' if torch.cuda.is_available() else 'cpu',
)

rede.fit(X, y)

pred = rede.predict(X_teste)
print(classification_report(y_teste, pred, target_names=TIPOS))
