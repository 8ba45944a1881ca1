# Sound.
"""Classement de grains de pollen (microscopie optique), 14 taxons.

Le fichier CSV contient trois colonnes : fichier, taxon, partie (appr / valid).
"""
import argparse
import os

import numpy as np
import pandas as pd
import torch
from PIL import Image
from torch import nn
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, SequentialLR
from torch.utils.data import DataLoader, Dataset, WeightedRandomSampler
from torchvision import transforms as T
from torchvision.models import EfficientNet_B0_Weights, efficientnet_b0

NB_TAXONS = 14
MOYENNE = [0.485, 0.456, 0.406]
ECART = [0.229, 0.224, 0.225]


class Pollens(Dataset):
    def __init__(self, tableau, racine, taxons, transfo):
        self.tableau = tableau.reset_index(drop=True)
        self.racine = racine
        self.indice = {nom: i for i, nom in enumerate(taxons)}
        self.transfo = transfo

    def __len__(self):
        return len(self.tableau)

    def __getitem__(self, k):
        ligne = self.tableau.iloc[k]
        image = Image.open(os.path.join(self.racine, ligne.fichier)).convert("RGB")
        return self.transfo(image), self.indice[ligne.taxon]

    def cibles(self):
        return self.tableau.taxon.map(self.indice).to_numpy()


def lire_options():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--csv", default="pollens.csv")
    p.add_argument("--images", default="images/")
    p.add_argument("--lot", type=int, default=32)
    p.add_argument("--epoques", type=int, default=30)
    p.add_argument("--chauffe", type=int, default=2, help="époques de montée du pas")
    p.add_argument("--pas", type=float, default=3e-4)
    p.add_argument("--decroissance", type=float, default=0.02)
    p.add_argument("--graine", type=int, default=2024)
    p.add_argument("--sortie", default="pollen_b0.pt")
    return p.parse_args()


def evaluer(modele, chargeur, appareil):
    modele.eval()
    justes = total = 0
    with torch.no_grad():
        for x, y in chargeur:
            x, y = x.to(appareil), y.to(appareil)
            justes += (modele(x).argmax(1) == y).sum().item()
            total += y.numel()
    return justes / total


def main():
    opt = lire_options()
    torch.manual_seed(opt.graine)
    appareil = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    tout = pd.read_csv(opt.csv)
    taxons = sorted(tout.taxon.unique())
    assert len(taxons) == NB_TAXONS

    # l'orientation du grain sur la lame est arbitraire : retournements permis
    tf_appr = T.Compose([
        T.RandomResizedCrop(224, scale=(0.5, 1.0)),
        T.RandomHorizontalFlip(),
        T.RandomVerticalFlip(),
        T.ColorJitter(0.2, 0.2, 0.1),
        T.ToTensor(),
        T.Normalize(MOYENNE, ECART),
    ])
    tf_valid = T.Compose([T.Resize(256), T.CenterCrop(224), T.ToTensor(), T.Normalize(MOYENNE, ECART)])

    appr = Pollens(tout[tout.partie == "appr"], opt.images, taxons, tf_appr)
    valid = Pollens(tout[tout.partie == "valid"], opt.images, taxons, tf_valid)

    # les taxons rares sont tirés aussi souvent que les autres
    y = appr.cibles()
    effectifs = np.bincount(y, minlength=NB_TAXONS)
    tirage = WeightedRandomSampler(torch.as_tensor(1.0 / effectifs[y]), num_samples=len(y))
    ch_appr = DataLoader(appr, opt.lot, sampler=tirage, num_workers=6, drop_last=True, pin_memory=True)
    ch_valid = DataLoader(valid, 2 * opt.lot, num_workers=6, pin_memory=True)

    modele = efficientnet_b0(weights=EfficientNet_B0_Weights.IMAGENET1K_V1)
    modele.classifier[1] = nn.Linear(modele.classifier[1].in_features, NB_TAXONS)
    modele.to(appareil)

    perte = nn.CrossEntropyLoss(label_smoothing=0.1)
    optim = torch.optim.AdamW(modele.parameters(), lr=opt.pas, weight_decay=opt.decroissance)
    montee = opt.chauffe * len(ch_appr)
    descente = (opt.epoques - opt.chauffe) * len(ch_appr)
    horaire = SequentialLR(
        optim,
        [LinearLR(optim, start_factor=0.05, total_iters=montee), CosineAnnealingLR(optim, T_max=descente)],
        milestones=[montee],
    )
    echelle = torch.amp.GradScaler("cuda", enabled=appareil.type == "cuda")

    meilleur = 0.0
    for epoque in range(1, opt.epoques + 1):
        modele.train()
        cumul = 0.0
        for x, y in ch_appr:
            x = x.to(appareil, non_blocking=True)
            y = y.to(appareil, non_blocking=True)
            optim.zero_grad(set_to_none=True)
            with torch.autocast(appareil.type, enabled=appareil.type == "cuda"):
                l = perte(modele(x), y)
            echelle.scale(l).backward()
            echelle.step(optim)
            echelle.update()
            horaire.step()  # par lot : montee et descente sont comptées en lots
            cumul += l.item()
        exactitude = evaluer(modele, ch_valid, appareil)
        print(f"époque {epoque:02d}  perte {cumul / len(ch_appr):.4f}  valid {exactitude:.4f}")
        if exactitude > meilleur:
            meilleur = exactitude
            torch.save(modele.state_dict(), opt.sortie)


if __name__ == "__main__":
    main()
