# Übung 4: Fashion-MNIST mit einem kleinen CNN
import torch
import torch.nn as nn
import torch.optim as optim
from torch.utils.data import DataLoader, random_split
from torchvision import datasets, transforms

from netze import KleinesCNN, anzahl_parameter

torch.manual_seed(2023)
geraet = torch.device("cuda" if torch.cuda.is_available() else "cpu")

# --- Daten -----------------------------------------------------------------
transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.2860,), (0.3530,))])
voll = datasets.FashionMNIST("fashion", train=True, download=False, transform=transform)
testdaten = datasets.FashionMNIST("fashion", train=False, download=False, transform=transform)
n_val = len(voll) // 10
traindaten, valdaten = random_split(voll, [len(voll) - n_val, n_val], generator=torch.Generator().manual_seed(0))
train_loader = DataLoader(traindaten, batch_size=64, shuffle=True)
val_loader = DataLoader(valdaten, batch_size=256)
test_loader = DataLoader(testdaten, batch_size=256)

# --- Modell ----------------------------------------------------------------
netz = KleinesCNN(klassen=10).to(geraet)
print("Parameter:", anzahl_parameter(netz))
kriterium = nn.CrossEntropyLoss()
optimierer = optim.Adam(netz.parameters(), lr=1e-3)


def genauigkeit(loader):
    netz.eval()
    richtig = gesamt = 0
    with torch.no_grad():
        for bilder, labels in loader:
            wahrscheinlichkeit = netz(bilder.to(geraet))
            richtig += (wahrscheinlichkeit.argmax(dim=1).cpu() == labels).sum().item()
            gesamt += labels.size(0)
    return richtig / gesamt


# --- Training --------------------------------------------------------------
EPOCHEN = 20
for epoche in range(1, EPOCHEN + 1):
    netz.train()
    summe = 0.0
    for bilder, labels in train_loader:
        bilder, labels = bilder.to(geraet), labels.to(geraet)
        optimierer.zero_grad()
        ausgabe = netz(bilder)
        verlust = kriterium(ausgabe, labels)
        verlust.backward()
        optimierer.step()
        summe += verlust.item() * labels.size(0)
    print(f"Epoche {epoche:2d}: Verlust {summe / len(traindaten):.4f}, Validierung {genauigkeit(val_loader):.4f}")

print(f"Test: {genauigkeit(test_loader):.4f}")
