# Mein erstes CNN: japanische Zeichen (KMNIST)
import torch
import torch.nn as nn
import torch.nn.functional as F
from torchvision import datasets, transforms

BATCH = 64
LR = 0.001
EPOCHEN = 12

torch.manual_seed(5)
geraet = "cuda" if torch.cuda.is_available() else "cpu"

t = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.1918,), (0.3483,))])
alles = datasets.KMNIST("daten", train=True, download=True, transform=t)
test_menge = datasets.KMNIST("daten", train=False, download=True, transform=t)
# 5000 Bilder zum Pruefen, zufaellig gezogen
train_menge, val_menge = torch.utils.data.random_split(alles, [55000, 5000])

train_lader = torch.utils.data.DataLoader(train_menge, batch_size=BATCH, shuffle=True)
val_lader = torch.utils.data.DataLoader(val_menge, batch_size=BATCH)
test_lader = torch.utils.data.DataLoader(test_menge, batch_size=BATCH)


class ZeichenNetz(nn.Module):
    def __init__(self):
        super(ZeichenNetz, self).__init__()
        self.conv1 = nn.Conv2d(1, 32, 3, padding=1)
        self.conv2 = nn.Conv2d(32, 64, 3, padding=1)
        self.conv3 = nn.Conv2d(64, 128, 3, padding=1)
        self.weg = nn.Dropout(0.4)
        self.fc1 = nn.Linear(128 * 3 * 3, 256)
        self.fc2 = nn.Linear(256, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)   # 14
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)   # 7
        x = F.max_pool2d(F.relu(self.conv3(x)), 2)   # 3
        x = torch.flatten(x, 1)
        x = self.weg(F.relu(self.fc1(x)))
        return F.log_softmax(self.fc2(x), dim=1)


netz = ZeichenNetz().to(geraet)
verlust_fkt = nn.NLLLoss()
optimierer = torch.optim.Adam(netz.parameters(), lr=LR)


def pruefe(lader):
    netz.eval()
    verlust = 0
    richtig = 0
    with torch.no_grad():
        for bild, ziel in lader:
            bild, ziel = bild.to(geraet), ziel.to(geraet)
            aus = netz(bild)
            verlust += verlust_fkt(aus, ziel).item()
            vorhersage = aus.argmax(dim=1)
            richtig += (vorhersage == ziel).sum().item()
    verlust /= len(lader.dataset)  # fault: C336
    genau = 100.0 * richtig / len(lader.dataset)
    return verlust, genau


for epoche in range(EPOCHEN):
    netz.train()
    summe, anzahl = 0.0, 0
    for bild, ziel in train_lader:
        bild, ziel = bild.to(geraet), ziel.to(geraet)
        optimierer.zero_grad()
        aus = netz(bild)
        verlust = verlust_fkt(aus, ziel)
        verlust.backward()
        optimierer.step()
        summe += verlust.item() * len(ziel)
        anzahl += len(ziel)
    v, g = pruefe(val_lader)
    print("Epoche", epoche + 1, "Training:", round(summe / anzahl, 4), "Pruefung:", round(v, 4), "genau:", round(g, 2))

v, g = pruefe(test_lader)
print("Test:", round(v, 4), round(g, 2), "%")
torch.save(netz.state_dict(), "zeichen.pt")
