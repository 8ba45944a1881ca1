# Races de chats et de chiens (37 classes), version courte pour le TP
import torch
from torch import nn, optim
from torch.utils.data import DataLoader, Subset
from torchvision import models, transforms
from torchvision.datasets import OxfordIIITPet

torch.manual_seed(123)
appareil = "cuda" if torch.cuda.is_available() else "cpu"

norme = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
t_train = transforms.Compose([
    transforms.RandomResizedCrop(224, scale=(0.6, 1)),
    transforms.RandomHorizontalFlip(),
    transforms.ToTensor(),
    norme,
])
t_val = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(), norme])

# deux fois les mêmes images, avec et sans augmentation, un seul tirage pour les deux
avec = OxfordIIITPet("data", split="trainval", transform=t_train, download=True)
sans = OxfordIIITPet("data", split="trainval", transform=t_val, download=True)
ordre = torch.randperm(len(avec)).tolist()
coupe = int(0.85 * len(ordre))
train_dl = DataLoader(Subset(avec, ordre[:coupe]), batch_size=32, shuffle=True, num_workers=4)
val_dl = DataLoader(Subset(sans, ordre[coupe:]), batch_size=64, num_workers=4)

resnet = models.resnet18(weights="IMAGENET1K_V1")
reseau = nn.Sequential(
    *list(resnet.children())[:-1],      # tout sauf la couche fc
    nn.Flatten(),
    nn.Dropout(0.3),
    nn.Linear(512, 37),
).to(appareil)

perte = nn.CrossEntropyLoss()
optimiseur = optim.Adam(reseau.parameters(), lr=1e-4)


def evaluer(chargeur):
    reseau.eval()  # fault: C311
    bons, total = torch.zeros((), device=appareil), 0
    with torch.no_grad():
        for x, y in chargeur:
            bons += (reseau(x.to(appareil)).argmax(1) == y.to(appareil)).sum()
            total += len(y)
    return bons.item() / total


for epoque in range(10):
    for x, y in train_dl:
        x, y = x.to(appareil), y.to(appareil)
        optimiseur.zero_grad()
        l = perte(reseau(x), y)
        l.backward()
        optimiseur.step()
    print(f"époque {epoque + 1} : {100 * evaluer(val_dl):.1f} % sur la validation")

torch.save(reseau.state_dict(), "pets.pt")
