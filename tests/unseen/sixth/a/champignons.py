# Projet M2 - classification de champignons (12 genres)
# on garde ResNet50 gelé et on apprend seulement la couche de sortie
import os
import torch
import torch.nn as nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms
from torchvision.models import resnet50, ResNet50_Weights

chemin = './champignons'
nb_genres = 12
taille_lot = 64
nb_epoques = 15
appareil = torch.device('cuda' if torch.cuda.is_available() else 'cpu')
torch.manual_seed(99)

moyenne = [0.485, 0.456, 0.406]
ecart = [0.229, 0.224, 0.225]

transfo_app = transforms.Compose([
    transforms.RandomResizedCrop(224),
    transforms.RandomHorizontalFlip(),
    transforms.RandomRotation(20),
    transforms.ToTensor(),
    transforms.Normalize(moyenne, ecart),
])
transfo_val = transforms.Compose([
    transforms.Resize(256),
    transforms.CenterCrop(224),
    transforms.ToTensor(),
    transforms.Normalize(moyenne, ecart),
])

jeu_app = datasets.ImageFolder(os.path.join(chemin, 'app'), transfo_app)
jeu_val = datasets.ImageFolder(os.path.join(chemin, 'val'), transfo_val)
charge_app = DataLoader(jeu_app, batch_size=taille_lot, shuffle=True, num_workers=4)
charge_val = DataLoader(jeu_val, batch_size=taille_lot, shuffle=False, num_workers=4)


class Champi(nn.Module):
    def __init__(self, n):
        super(Champi, self).__init__()
        self.tronc = resnet50(weights=ResNet50_Weights.IMAGENET1K_V2)
        self.tronc.fc = nn.Identity()
        for p in self.tronc.parameters():
            p.requires_grad = False
        self.sortie = nn.Linear(2048, n)

    def train(self, mode=True):
        super().train(mode)
        self.tronc.eval()      # les statistiques de BN restent celles d'ImageNet
        return self

    def forward(self, x):
        with torch.no_grad():
            f = self.tronc(x)
        return self.sortie(f)


modele = Champi(nb_genres).to(appareil)
critere = nn.CrossEntropyLoss()
optimiseur = torch.optim.Adam(modele.sortie.parameters(), lr=1e-3)

pertes = []
for epoque in range(nb_epoques):
    modele.train()
    cumul = torch.zeros(1, device=appareil)
    vus = 0
    for images, genres in charge_app:
        images, genres = images.to(appareil), genres.to(appareil)
        optimiseur.zero_grad()
        perte = critere(modele(images), genres)
        perte.backward()
        optimiseur.step()
        cumul += perte.detach() * images.size(0)
        vus += images.size(0)
    pertes.append(cumul.item() / vus)

    modele.eval()
    bons = torch.zeros(1, device=appareil)
    vus = 0
    with torch.no_grad():
        for images, genres in charge_val:
            images, genres = images.to(appareil), genres.to(appareil)
            bons += (modele(images).argmax(dim=1) == genres).sum()
            vus += genres.size(0)
    print('époque', epoque + 1, 'perte', pertes[-1], 'exactitude val', bons.item() / vus)

torch.save(modele.sortie.state_dict(), 'sortie.pt')
