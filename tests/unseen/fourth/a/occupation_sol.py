# Occupation du sol à partir d'imagettes Sentinel-2 (RVB, 64 x 64 agrandies à 128)
# données/<classe>/*.jpg, dix classes ; 70 % apprentissage, 15 % validation, 15 % test
import copy
import math

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Subset, default_collate
from torchvision.datasets import ImageFolder
from torchvision.models import ResNet18_Weights, resnet18
from torchvision.transforms import v2

RACINE = "donnees"
NB_CLASSES = 10
LOT = 128
EPOQUES = 30
PAS = 3e-4
TAILLE = 128
GRAINE = 1789
GPU = torch.device("cuda" if torch.cuda.is_available() else "cpu")

fin = [
    v2.ToDtype(torch.float32, scale=True),
    v2.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225]),
]
tf_appr = v2.Compose([
    v2.ToImage(),
    v2.RandomResizedCrop(TAILLE, scale=(0.7, 1.0), antialias=True),
    v2.RandomHorizontalFlip(),
    v2.RandomVerticalFlip(),
    *fin,
])
tf_eval = v2.Compose([v2.ToImage(), v2.Resize((TAILLE, TAILLE), antialias=True), *fin])

melange = v2.RandomChoice([v2.MixUp(alpha=0.2, num_classes=NB_CLASSES), v2.CutMix(num_classes=NB_CLASSES)])


def assembler(exemples):
    return melange(*default_collate(exemples))


class MoyenneMobile:
    """Copie lissée du réseau ; la constante grandit au début pour ne pas garder les poids de départ."""

    def __init__(self, reseau, decroissance=0.999):
        self.copie = copy.deepcopy(reseau).eval()
        self.decroissance = decroissance
        self.n = 0
        for p in self.copie.parameters():
            p.requires_grad_(False)

    @torch.no_grad()
    def suivre(self, reseau):
        self.n += 1
        d = min(self.decroissance, (1 + self.n) / (10 + self.n))
        for a, b in zip(self.copie.parameters(), reseau.parameters()):
            a.mul_(d).add_(b, alpha=1 - d)
        for a, b in zip(self.copie.buffers(), reseau.buffers()):
            a.copy_(b)


@torch.no_grad()
def exactitude(reseau, lots):
    reseau.eval()
    bons, total = torch.zeros((), device=GPU), 0
    for x, y in lots:
        x, y = x.to(GPU, non_blocking=True), y.to(GPU, non_blocking=True)
        bons += (reseau(x).argmax(1) == y).sum()
        total += y.numel()
    return bons.item() / total


def main():
    torch.manual_seed(GRAINE)
    augmente, brut = ImageFolder(RACINE, tf_appr), ImageFolder(RACINE, tf_eval)
    assert len(brut.classes) == NB_CLASSES
    ordre = torch.randperm(len(brut), generator=torch.Generator().manual_seed(GRAINE)).tolist()
    a, b = int(0.70 * len(ordre)), int(0.85 * len(ordre))
    appr = DataLoader(Subset(augmente, ordre[:a]), LOT, shuffle=True, drop_last=True,
                      collate_fn=assembler, num_workers=8, pin_memory=True)
    valid = DataLoader(Subset(brut, ordre[a:b]), 256, num_workers=4, pin_memory=True)
    test = DataLoader(Subset(brut, ordre[b:]), 256, num_workers=4, pin_memory=True)

    reseau = resnet18(weights=ResNet18_Weights.IMAGENET1K_V1)
    reseau.fc = nn.Linear(reseau.fc.in_features, NB_CLASSES)
    reseau = reseau.to(GPU)
    moyenne = MoyenneMobile(reseau)

    cout = nn.CrossEntropyLoss()              # accepte les étiquettes mélangées
    optim = torch.optim.AdamW(reseau.parameters(), lr=PAS, weight_decay=0.01)
    plan = torch.optim.lr_scheduler.CosineAnnealingLR(optim, T_max=EPOQUES * len(appr))   # un pas par lot

    meilleur, garde = -math.inf, None
    for epoque in range(EPOQUES):
        reseau.train()
        somme = torch.zeros((), device=GPU)
        for x, y in appr:
            x, y = x.to(GPU, non_blocking=True), y.to(GPU, non_blocking=True)
            optim.zero_grad(set_to_none=True)
            perte = cout(reseau(x), y)
            perte.backward()
            optim.step()
            plan.step()
            moyenne.suivre(reseau)
            somme += perte.detach()
        v = exactitude(moyenne.copie, valid)
        print(f"{epoque + 1:02d}/{EPOQUES}  perte {somme.item() / len(appr):.4f}  validation {v:.4f}")
        if v > meilleur:
            meilleur, garde = v, copy.deepcopy(moyenne.copie.state_dict())

    moyenne.copie.load_state_dict(garde)
    print(f"test (une seule fois, à la fin) : {exactitude(moyenne.copie, test):.4f}")
    torch.save(garde, "occupation_sol.pt")


if __name__ == "__main__":
    main()
