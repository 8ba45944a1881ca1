# Sound.
"""
Klassifikation von Hautläsionen (7 Klassen, stark unausgewogen).
Die Klassen werden über einen gewichteten Sampler ausgeglichen, NICHT zusätzlich im Loss.
"""
import numpy as np
import pandas as pd
import torch
from PIL import Image
from sklearn.metrics import balanced_accuracy_score, roc_auc_score
from sklearn.model_selection import GroupShuffleSplit
from torch import nn
from torch.utils.data import DataLoader, Dataset, WeightedRandomSampler
from torchvision.models import EfficientNet_B0_Weights, efficientnet_b0
from torchvision.transforms import (CenterCrop, ColorJitter, Compose, Normalize, RandomHorizontalFlip,
                                    RandomResizedCrop, RandomVerticalFlip, Resize, ToTensor)

BILDER = "ham10000/images/"
KLASSEN = ["akiec", "bcc", "bkl", "df", "mel", "nv", "vasc"]
GERAET = "cuda" if torch.cuda.is_available() else "cpu"
EPOCHEN = 20

np.random.seed(42)
torch.manual_seed(42)


class Laesionen(Dataset):
    def __init__(self, tabelle, transform):
        self.tabelle = tabelle.reset_index(drop=True)
        self.transform = transform
        self.ziel = self.tabelle["dx"].map({k: i for i, k in enumerate(KLASSEN)}).to_numpy()

    def __len__(self):
        return len(self.tabelle)

    def __getitem__(self, idx):
        bild = Image.open(BILDER + self.tabelle.loc[idx, "image_id"] + ".jpg").convert("RGB")
        return self.transform(bild), int(self.ziel[idx])


# dieselbe Läsion kann auf mehreren Bildern zu sehen sein -> nach lesion_id trennen
meta = pd.read_csv("ham10000/HAM10000_metadata.csv")
gss = GroupShuffleSplit(n_splits=1, test_size=0.2, random_state=42)
i_train, i_val = next(gss.split(meta, groups=meta["lesion_id"]))

mittel, streuung = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
tf_train = Compose([
    RandomResizedCrop(224, scale=(0.6, 1.0)),
    RandomHorizontalFlip(),
    RandomVerticalFlip(),
    ColorJitter(brightness=0.15, contrast=0.15),
    ToTensor(),
    Normalize(mittel, streuung),
])
tf_val = Compose([Resize(256), CenterCrop(224), ToTensor(), Normalize(mittel, streuung)])

ds_train = Laesionen(meta.iloc[i_train], tf_train)
ds_val = Laesionen(meta.iloc[i_val], tf_val)

anzahl = np.bincount(ds_train.ziel, minlength=len(KLASSEN))
gewichte = torch.as_tensor(1.0 / anzahl[ds_train.ziel], dtype=torch.double)
# der Sampler zieht zufällig, shuffle=True darf daneben nicht stehen
sampler = WeightedRandomSampler(gewichte, num_samples=len(ds_train), replacement=True)

dl_train = DataLoader(ds_train, batch_size=48, sampler=sampler, num_workers=6)
dl_val = DataLoader(ds_val, batch_size=96, num_workers=6)

netz = efficientnet_b0(weights=EfficientNet_B0_Weights.DEFAULT)
netz.classifier = nn.Sequential(nn.Dropout(0.4), nn.Linear(1280, len(KLASSEN)))
netz.to(GERAET)

verlust = nn.CrossEntropyLoss()
opt = torch.optim.NAdam(netz.parameters(), lr=2e-4, weight_decay=1e-5)
plan = torch.optim.lr_scheduler.PolynomialLR(opt, total_iters=EPOCHEN, power=0.9)


def pruefen():
    netz.eval()
    p, z = [], []
    with torch.no_grad():
        for x, y in dl_val:
            p.append(torch.softmax(netz(x.to(GERAET)), dim=1).cpu())
            z.append(y)
    p, z = torch.cat(p).numpy(), torch.cat(z).numpy()
    return balanced_accuracy_score(z, p.argmax(1)), roc_auc_score(z, p, multi_class="ovr")


beste = 0
for epoche in range(EPOCHEN):
    netz.train()
    summe = 0.0
    for x, y in dl_train:
        x, y = x.to(GERAET), y.to(GERAET)
        opt.zero_grad()
        l = verlust(netz(x), y)
        l.backward()
        opt.step()
        summe += float(l)
    plan.step()
    bacc, auc = pruefen()
    print(f"Epoche {epoche + 1:02d}: Verlust {summe / len(dl_train):.3f}, BACC {bacc:.3f}, AUC {auc:.3f}")
    if bacc > beste:
        beste = bacc
        torch.save(netz.state_dict(), "haut_b0.pt")
