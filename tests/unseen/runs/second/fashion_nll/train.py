"""Kleidungsstücke erkennen (28x28 -> 64x64), Faltungsnetz mit LogSoftmax am Ausgang."""
import numpy as np
import torch
from torch import nn, optim
from torch.utils.data import BatchSampler, DataLoader, SubsetRandomSampler, TensorDataset
from torchvision.transforms import v2

EPOCHEN = 45
STAPEL = 64
LERNRATE = 1e-3
geraet = torch.device("cuda" if torch.cuda.is_available() else "cpu")
torch.manual_seed(42)


def lade_daten():
    roh = np.load("fashion.npz")
    bilder = torch.from_numpy(roh["x_train"]).unsqueeze(1)
    ziele = torch.from_numpy(roh["y_train"]).long()
    misch = torch.randperm(len(bilder), generator=torch.Generator().manual_seed(0))
    n_val = len(bilder) // 6
    voll = TensorDataset(bilder, ziele)
    # Die Aufteilung geschieht über die Sampler: jeder Index kommt nur auf einer Seite vor
    teil_train, teil_val = misch[n_val:].tolist(), misch[:n_val].tolist()
    train = DataLoader(voll, batch_size=STAPEL, sampler=SubsetRandomSampler(teil_train), drop_last=True)
    val = DataLoader(voll, batch_sampler=BatchSampler(teil_val, 200, drop_last=False))
    test = DataLoader(TensorDataset(torch.from_numpy(roh["x_test"]).unsqueeze(1),
                                    torch.from_numpy(roh["y_test"]).long()), batch_size=200)
    return train, val, test


vorbereitung = v2.Compose([
    v2.Resize((64, 64), antialias=True),
    v2.ToDtype(torch.float32, scale=True),
    v2.Normalize([0.286], [0.353]),
])


class Netz(nn.Module):
    def __init__(self, klassen=10):
        super().__init__()

        def stufe(a, b):
            return nn.Sequential(nn.Conv2d(a, b, 3, padding=1, bias=False), nn.BatchNorm2d(b),
                                 nn.ReLU(inplace=True), nn.MaxPool2d(2))

        self.merkmale = nn.Sequential(stufe(1, 32), stufe(32, 64), stufe(64, 128), stufe(128, 128))
        self.kopf = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.4),
            nn.Linear(128, klassen), nn.LogSoftmax(dim=1))

    def forward(self, x):
        return self.kopf(self.merkmale(x))


def durchlauf(netz, lader, verlust, optimierer=None):
    """Ein Durchgang; mit Optimierer wird gelernt, ohne nur gemessen."""
    lernen = optimierer is not None
    netz.train(lernen)
    summe, richtig, anzahl = 0.0, 0, 0
    with torch.set_grad_enabled(lernen):
        for x, y in lader:
            x, y = vorbereitung(x.to(geraet)), y.to(geraet)
            log_p = netz(x)
            fehler = verlust(log_p, y)
            if lernen:
                optimierer.zero_grad()
                fehler.backward()
                optimierer.step()
            summe += float(fehler) * len(y)
            richtig += int((log_p.exp().max(dim=1).indices == y).sum())
            anzahl += len(y)
    return summe / anzahl, richtig / anzahl


def haupt():
    train, val, test = lade_daten()
    netz = Netz().to(geraet)
    verlust = nn.NLLLoss()
    optimierer = optim.Adam(netz.parameters(), lr=LERNRATE)
    plan = optim.lr_scheduler.StepLR(optimierer, step_size=15, gamma=0.3)
    bestes = float("inf")
    for epoche in range(1, EPOCHEN + 1):
        lt, at = durchlauf(netz, train, verlust, optimierer)
        lv, av = durchlauf(netz, val, verlust)
        plan.step()
        print(f"Epoche {epoche:2d}: Training {lt:.4f} ({at:.2%})  Validierung {lv:.4f} ({av:.2%})")
        if lv < bestes:
            bestes = lv
            torch.save(netz.state_dict(), "kleidung.pt")
    netz.load_state_dict(torch.load("kleidung.pt"))
    print("Test:", durchlauf(netz, test, verlust))


if __name__ == "__main__":
    haupt()
