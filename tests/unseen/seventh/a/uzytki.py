# Klasyfikacja użytkowania terenu, kafelki 64x64 (EuroSAT RGB, 10 klas)
import torch, torch.nn as nn, torch.nn.functional as F
from torch.utils.data import DataLoader, random_split
from torchvision.datasets import ImageFolder
import torchvision.transforms as T

KATALOG = "dane/EuroSAT"
EPOKI = 40
PACZKA = 128
LR = 1e-3
dev = torch.device("cuda:0" if torch.cuda.is_available() else "cpu")

torch.manual_seed(2023)

# statystyki policzone na całym zbiorze
SR = (0.344, 0.380, 0.408)
OD = (0.203, 0.136, 0.115)

tf_ucz = T.Compose([
    T.RandomHorizontalFlip(),
    T.RandomVerticalFlip(),
    T.RandomCrop(64, padding=6, padding_mode="reflect"),
    T.ToTensor(),
    T.Normalize(SR, OD),
])
tf_wal = T.Compose([T.ToTensor(), T.Normalize(SR, OD)])

# dwa widoki tego samego katalogu: z augmentacją i bez
z_aug = ImageFolder(KATALOG, tf_ucz)
bez_aug = ImageFolder(KATALOG, tf_wal)
n = len(z_aug)
n_wal = n // 5
g = torch.Generator().manual_seed(2023)
ucz, _ = random_split(z_aug, [n - n_wal, n_wal], generator=g)
_, wal = random_split(bez_aug, [n - n_wal, n_wal], generator=g)  # fault: C331
print("uczące:", len(ucz), "walidacyjne:", len(wal))

dl_ucz = DataLoader(ucz, PACZKA, shuffle=True, num_workers=4, drop_last=True)
dl_wal = DataLoader(wal, 256, shuffle=False, num_workers=4)


class Blok(nn.Module):
    def __init__(self, we, wy):
        super().__init__()
        self.c1 = nn.Conv2d(we, wy, 3, padding=1, bias=False)
        self.b1 = nn.BatchNorm2d(wy)
        self.c2 = nn.Conv2d(wy, wy, 3, padding=1, bias=False)
        self.b2 = nn.BatchNorm2d(wy)
        self.skrot = nn.Conv2d(we, wy, 1) if we != wy else nn.Identity()

    def forward(self, x):
        h = F.relu(self.b1(self.c1(x)))
        h = self.b2(self.c2(h))
        return F.relu(h + self.skrot(x))


class SiecTerenu(nn.Module):
    def __init__(self, klas=10):
        super().__init__()
        self.b1 = Blok(3, 48)
        self.b2 = Blok(48, 96)
        self.b3 = Blok(96, 192)
        self.b4 = Blok(192, 256)
        self.wyj = nn.Linear(256, klas)

    def forward(self, x):
        x = F.max_pool2d(self.b1(x), 2)
        x = F.max_pool2d(self.b2(x), 2)
        x = F.max_pool2d(self.b3(x), 2)
        x = self.b4(x).mean((2, 3))
        return self.wyj(F.dropout(x, 0.3, self.training))


siec = SiecTerenu().to(dev)
opt = torch.optim.AdamW(siec.parameters(), lr=LR)
sch = torch.optim.lr_scheduler.StepLR(opt, 12, gamma=0.3)

for e in range(1, EPOKI + 1):
    siec.train()
    for x, y in dl_ucz:
        x, y = x.to(dev), y.to(dev)
        strata = F.cross_entropy(siec(x), y)
        opt.zero_grad()
        strata.backward()
        opt.step()
    sch.step()

    siec.eval()
    dobrze = 0
    with torch.no_grad():
        for x, y in dl_wal:
            dobrze += (siec(x.to(dev)).argmax(1).cpu() == y).sum().item()
    print(f"epoka {e:2d}  ostatnia strata {strata.item():.3f}  wal. trafność {dobrze / len(wal):.4f}")

torch.save(siec.state_dict(), "uzytki.pth")
