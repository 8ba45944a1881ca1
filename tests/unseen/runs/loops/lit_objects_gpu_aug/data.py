"""Données : dossiers par classe, l'augmentation se fait par lot sur la carte."""
import torch
import lightning as L
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder
from torchvision.transforms import v2


class Objets(L.LightningDataModule):
    def __init__(self, racine="objects10", taille=112, lot=64):
        super().__init__()
        self.racine, self.taille, self.lot = racine, taille, lot
        # sur le processeur : lire et mettre à la taille, rien de plus
        self.lecture = v2.Compose([
            v2.ToImage(),
            v2.Resize((taille, taille), antialias=True),
            v2.ToDtype(torch.float32, scale=True),
        ])
        # sur la carte
        self.par_lot = v2.Compose([
            v2.RandomHorizontalFlip(),
            v2.RandomAffine(degrees=10, translate=(0.08, 0.08), scale=(0.9, 1.1)),
            v2.Normalize(mean=[0.491, 0.482, 0.447], std=[0.247, 0.243, 0.262]),
        ])

    def setup(self, stage=None):
        self.appr = ImageFolder(f"{self.racine}/train", self.lecture)
        self.vali = ImageFolder(f"{self.racine}/val", self.lecture)
        self.classes = self.appr.classes

    def train_dataloader(self):
        return DataLoader(self.appr, batch_size=self.lot, shuffle=True, num_workers=2, drop_last=True)

    def val_dataloader(self):
        return DataLoader(self.vali, batch_size=self.lot, num_workers=2)

    def on_after_batch_transfer(self, batch, dataloader_idx):
        x, y = batch
        if self.trainer.training:
            x = self.par_lot(x)
        return x, y
