"""Apprentissage d'un petit réseau résiduel sur dix sortes d'objets."""
import lightning as L
import torch
from torch import nn
from lightning.pytorch.callbacks import ModelCheckpoint
from torchmetrics import Accuracy

from data import Objets

EPOQUES = 60
PAS = 2e-3


def conv(entree, sortie, pas=1):
    return nn.Sequential(nn.Conv2d(entree, sortie, 3, pas, 1, bias=False), nn.BatchNorm2d(sortie), nn.ReLU(inplace=True))


class Bloc(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.a = conv(c, c)
        self.b = nn.Sequential(nn.Conv2d(c, c, 3, 1, 1, bias=False), nn.BatchNorm2d(c))

    def forward(self, x):
        return torch.relu(x + self.b(self.a(x)))


class PetitReseau(nn.Module):
    def __init__(self, n_classes, largeur=32):
        super().__init__()
        l = largeur
        self.tronc = nn.Sequential(
            conv(3, l, 2), Bloc(l),
            conv(l, 2 * l, 2), Bloc(2 * l),
            conv(2 * l, 4 * l, 2), Bloc(4 * l),
        )
        self.tete = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(4 * l, n_classes))

    def forward(self, x):
        return self.tete(self.tronc(x))


class Modele(L.LightningModule):
    def __init__(self, n_classes):
        super().__init__()
        self.reseau = PetitReseau(n_classes)
        self.perte = nn.CrossEntropyLoss(label_smoothing=0.05)
        self.justesse = Accuracy(task="multiclass", num_classes=n_classes)

    def training_step(self, lot, i):
        x, y = lot
        p = self.perte(self.reseau(x), y)
        self.log("perte_appr", p)
        return p

    def validation_step(self, lot, i):
        x, y = lot
        s = self.reseau(x)
        self.justesse.update(s, y)
        self.log("perte_val", self.perte(s, y), prog_bar=True)

    def on_validation_epoch_end(self):
        self.log("justesse_val", self.justesse.compute(), prog_bar=True)
        self.justesse.reset()

    def configure_optimizers(self):
        opt = torch.optim.AdamW(self.parameters(), lr=PAS, weight_decay=0.02)
        cos = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=EPOQUES)
        return [opt], [cos]


if __name__ == "__main__":
    L.seed_everything(3)
    donnees = Objets()
    donnees.setup()
    modele = Modele(len(donnees.classes))
    entraineur = L.Trainer(max_epochs=EPOQUES, logger=False,
                           callbacks=[ModelCheckpoint("sauvegardes", monitor="justesse_val", mode="max")])
    entraineur.fit(modele, datamodule=donnees)
