# Sound.
# Yapay Sinir Ağları dersi - Ödev 3: KMNIST
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, random_split
from torchvision import datasets, transforms

torch.manual_seed(1453)
cihaz = "cuda" if torch.cuda.is_available() else "cpu"

# eğitim kümesinin ortalaması ve sapması (tek kanal)
donusum = transforms.Compose([
    transforms.ToTensor(),
    transforms.Normalize((0.1918,), (0.3483,)),
])

hepsi = datasets.KMNIST("veri", train=True, download=True, transform=donusum)
sinama = datasets.KMNIST("veri", train=False, download=True, transform=donusum)
egitim, gecerleme = random_split(hepsi, [54000, 6000])

egitim_y = DataLoader(egitim, batch_size=100, shuffle=True)
gecerleme_y = DataLoader(gecerleme, batch_size=500)
sinama_y = DataLoader(sinama, batch_size=500)


class Ag(nn.Module):
    def __init__(self):
        super().__init__()
        self.k1 = nn.Conv2d(1, 32, 5)
        self.k2 = nn.Conv2d(32, 64, 5)
        self.birak2d = nn.Dropout2d(0.25)
        self.t1 = nn.Linear(64 * 4 * 4, 256)
        self.birak = nn.Dropout(0.5)
        self.t2 = nn.Linear(256, 10)

    def forward(self, g):
        g = F.max_pool2d(F.relu(self.k1(g)), 2)      # 28 -> 24 -> 12
        g = F.max_pool2d(F.relu(self.k2(g)), 2)      # 12 -> 8 -> 4
        g = self.birak2d(g)
        g = g.flatten(1)
        g = self.birak(F.relu(self.t1(g)))
        return F.log_softmax(self.t2(g), dim=1)


ag = Ag().to(cihaz)
olcut = nn.NLLLoss()
eniyileyici = torch.optim.SGD(ag.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4)
plan = torch.optim.lr_scheduler.StepLR(eniyileyici, step_size=8, gamma=0.2)


def olc(yukleyici):
    ag.eval()
    dogru = 0
    with torch.no_grad():
        for g, e in yukleyici:
            g, e = g.to(cihaz), e.to(cihaz)
            dogru += (ag(g).argmax(1) == e).sum().item()
    ag.train()
    return 100.0 * dogru / len(yukleyici.dataset)


for devir in range(24):
    toplam = 0.0
    for g, e in egitim_y:
        g, e = g.to(cihaz), e.to(cihaz)
        kayip = olcut(ag(g), e)
        kayip.backward()
        eniyileyici.step()
        eniyileyici.zero_grad()      # bir sonraki yığın için temizle
        toplam += kayip.item() * len(e)
    plan.step()
    print(f"devir {devir + 1:2d}  kayıp {toplam / len(egitim):.4f}  geçerleme %{olc(gecerleme_y):.2f}")

print(f"sınama %{olc(sinama_y):.2f}")
torch.save(ag.state_dict(), "kmnist_ag.pt")
