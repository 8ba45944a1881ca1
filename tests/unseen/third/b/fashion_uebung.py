# Übungsblatt 6, Aufgabe 2: kleines Faltungsnetz für Fashion-MNIST (läuft auf der CPU)
import torch
import torch.nn as nn
import torch.nn.functional as F
from torchvision import datasets
from torchvision.transforms import ToTensor

torch.manual_seed(0)

train_daten = datasets.FashionMNIST('daten', train=True, download=True, transform=ToTensor())
test_daten = datasets.FashionMNIST('daten', train=False, download=True, transform=ToTensor())
train_lader = torch.utils.data.DataLoader(train_daten, batch_size=64, shuffle=True)
test_lader = torch.utils.data.DataLoader(test_daten, batch_size=256)


class KleinesNetz(nn.Module):
    def __init__(self):
        super().__init__()
        self.faltung1 = nn.Conv2d(1, 16, 5, padding=2)
        self.faltung2 = nn.Conv2d(16, 32, 3, padding=1)
        self.voll1 = nn.Linear(32 * 7 * 7, 120)
        self.voll2 = nn.Linear(120, 10)

    def forward(self, x):
        x = (x - 0.2860) / 0.3530          # Mittelwert und Streuung der Trainingsbilder
        x = F.max_pool2d(F.relu(self.faltung1(x)), 2)
        x = F.max_pool2d(F.relu(self.faltung2(x)), 2)
        x = x.view(x.size(0), -1)
        x = self.voll1(x)  # fault: C338
        return self.voll2(x)


netz = KleinesNetz()
fehler = nn.CrossEntropyLoss()
opt = torch.optim.Adam(netz.parameters(), lr=0.001)

for epoche in range(6):
    netz.train()
    summe = 0
    for bilder, ziele in train_lader:
        opt.zero_grad()
        l = fehler(netz(bilder), ziele)
        l.backward()
        opt.step()
        summe += l.item() * len(ziele)
    print('Epoche', epoche + 1, 'Fehler', summe / len(train_daten))

# am Ende einmal testen
netz.eval()
richtig = 0
with torch.no_grad():
    for bilder, ziele in test_lader:
        richtig += (netz(bilder).argmax(1) == ziele).sum().item()
print('Genauigkeit:', richtig / len(test_daten))
