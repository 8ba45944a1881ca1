# Réseau résiduel maison sur des tableaux numpy (TP vision, séance 5)
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

CHEMIN = "objects.npz"
TAILLE_LOT = 128
EPOQUES = 60
PAS = 0.05
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
torch.manual_seed(0)
np.random.seed(0)


class Tableau(Dataset):
    def __init__(self, images, etiquettes, moyenne, ecart, augmenter=False):
        images = (images.astype(np.float32) / 255.0 - moyenne) / ecart
        self.images = torch.from_numpy(images.astype(np.float32)).reshape(-1, 3, 32, 32)
        self.etiquettes = torch.from_numpy(etiquettes).long()
        self.augmenter = augmenter

    def __len__(self):
        return len(self.etiquettes)

    def __getitem__(self, i):
        x = self.images[i]
        if self.augmenter and torch.rand(1).item() < 0.5:
            x = x.flip(-1)
        return x, self.etiquettes[i]


donnees = np.load(CHEMIN)
x_train, y_train = donnees["x_train"], donnees["y_train"]
x_val, y_val = donnees["x_val"], donnees["y_val"]
print("train", x_train.shape, x_train.dtype, "val", x_val.shape)
moyenne = x_train.mean(axis=(0, 1, 2)) / 255.0
ecart = x_train.std(axis=(0, 1, 2)) / 255.0

train = DataLoader(Tableau(x_train, y_train, moyenne, ecart, augmenter=True), batch_size=TAILLE_LOT, shuffle=True)
val = DataLoader(Tableau(x_val, y_val, moyenne, ecart), batch_size=256)


class Residuel(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.f = nn.Sequential(nn.Conv2d(c, c, 3, padding=1, bias=False), nn.BatchNorm2d(c), nn.ReLU(),
                               nn.Conv2d(c, c, 3, padding=1, bias=False), nn.BatchNorm2d(c))

    def forward(self, x):
        return torch.relu(x + self.f(x))


def etage(entree, sortie):
    return nn.Sequential(nn.Conv2d(entree, sortie, 3, padding=1, bias=False), nn.BatchNorm2d(sortie), nn.ReLU(),
                         nn.MaxPool2d(2), Residuel(sortie))


modele = nn.Sequential(etage(3, 48), etage(48, 96), etage(96, 192),
                       nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(192, 10)).to(device)
critere = nn.CrossEntropyLoss()
optim = torch.optim.SGD(modele.parameters(), lr=PAS, momentum=0.9, weight_decay=5e-4)
plan = torch.optim.lr_scheduler.CosineAnnealingLR(optim, T_max=EPOQUES)

for epoque in range(EPOQUES):
    modele.train()
    perte_totale = 0.0
    for x, y in train:
        x, y = x.to(device), y.to(device)
        optim.zero_grad()
        perte = critere(modele(x), y)
        perte.backward()
        optim.step()
        perte_totale += perte.item() * len(y)
    plan.step()
    modele.eval()
    bons = 0
    with torch.no_grad():
        for x, y in val:
            bons += (modele(x.to(device)).argmax(1).cpu() == y).sum().item()
    print(f"époque {epoque + 1}/{EPOQUES}  perte {perte_totale / len(train.dataset):.4f}  exactitude {bons / len(y_val):.4f}")

torch.save(modele.state_dict(), "objects_residuel.pt")
