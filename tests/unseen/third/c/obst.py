# Obstsorten erkennen - mein erstes eigenes CNN in PyTorch
# Ordner: obst/train/<sorte>/*.jpg und obst/val/<sorte>/*.jpg
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

KLASSEN = 6
BILD = 100
BATCH = 64
EPOCHEN = 25
LERNRATE = 0.001

torch.manual_seed(7)
geraet = torch.device("cuda" if torch.cuda.is_available() else "cpu")

# Training: ein bisschen drehen und spiegeln
t_train = transforms.Compose([
    transforms.Resize((BILD, BILD)),
    transforms.RandomHorizontalFlip(),
    transforms.RandomRotation(15),
    transforms.ToTensor(),
    transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
])
t_val = transforms.Compose([
    transforms.Resize((BILD, BILD)),
    transforms.ToTensor(),
    transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
])


class ObstNetz(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.conv3 = nn.Conv2d(32, 64, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.drop = nn.Dropout(0.3)
        self.fc1 = nn.Linear(64 * 12 * 12, 128)
        self.fc2 = nn.Linear(128, KLASSEN)
        self.softmax = nn.Softmax(dim=1)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))    # 50
        x = self.pool(F.relu(self.conv2(x)))    # 25
        x = self.pool(F.relu(self.conv3(x)))    # 12
        x = torch.flatten(x, 1)
        x = self.drop(F.relu(self.fc1(x)))
        return self.softmax(self.fc2(x))


def genauigkeit(netz, lader):
    netz.eval()
    richtig = torch.zeros((), device=geraet)
    gesamt = 0
    with torch.no_grad():
        for bilder, label in lader:
            bilder, label = bilder.to(geraet), label.to(geraet)
            richtig += (netz(bilder).argmax(1) == label).sum()
            gesamt += label.size(0)
    return richtig.item() / gesamt


if __name__ == "__main__":
    train_daten = datasets.ImageFolder("obst/train", t_train)
    val_daten = datasets.ImageFolder("obst/val", t_val)
    assert len(train_daten.classes) == KLASSEN
    assert train_daten.classes == val_daten.classes
    train_lader = DataLoader(train_daten, batch_size=BATCH, shuffle=True, num_workers=4)
    val_lader = DataLoader(val_daten, batch_size=BATCH, shuffle=False, num_workers=4)

    netz = ObstNetz().to(geraet)
    fehler = nn.BCELoss()  # fault: C308
    optimierer = torch.optim.Adam(netz.parameters(), lr=LERNRATE)

    for epoche in range(EPOCHEN):
        netz.train()
        summe = torch.zeros((), device=geraet)
        for bilder, label in train_lader:
            bilder = bilder.to(geraet)
            ziel = F.one_hot(label, KLASSEN).float().to(geraet)
            optimierer.zero_grad()
            ausgabe = netz(bilder)
            verlust = fehler(ausgabe, ziel)
            verlust.backward()
            optimierer.step()
            summe += verlust.detach() * bilder.size(0)
        acc = genauigkeit(netz, val_lader)
        print(f"Epoche {epoche + 1:2d}: Verlust {summe.item() / len(train_daten):.4f}  Genauigkeit {acc:.3f}")

    torch.save(netz.state_dict(), "obst_netz.pt")
    print("fertig")
