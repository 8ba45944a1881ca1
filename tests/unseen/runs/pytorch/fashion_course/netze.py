import torch.nn as nn


def faltung(ein, aus):
    return nn.Sequential(nn.Conv2d(ein, aus, 3, padding=1, bias=False), nn.BatchNorm2d(aus), nn.ReLU(), nn.MaxPool2d(2))


def kopf(ein, klassen, versteckt=128, p=0.3):
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(ein, versteckt), nn.ReLU(), nn.Dropout(p),
        nn.Linear(versteckt, klassen), nn.Softmax(dim=1),
    )


class KleinesCNN(nn.Module):
    def __init__(self, klassen):
        super().__init__()
        self.merkmale = nn.Sequential(faltung(1, 32), faltung(32, 64))
        self.kopf = kopf(64 * 7 * 7, klassen)

    def forward(self, x):
        return self.kopf(self.merkmale(x))


def anzahl_parameter(netz):
    return sum(p.numel() for p in netz.parameters())
