# Faulty: C313: the optimizer gets the backbone only, the weight matrix of the margin head is never trained
import math
import os

import pandas as pd
import torch
import torch.nn as nn
import torch.nn.functional as F
from PIL import Image
from sklearn.model_selection import StratifiedKFold
from torch.utils.data import DataLoader, Dataset
from torchvision import models, transforms

DIR = "../input/whales/train"
N_IDS = 500
EMB = 512
FOLD = 0


class ArcMargin(nn.Module):
    def __init__(self, emb, n, s=30.0, m=0.3):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(n, emb))
        nn.init.xavier_uniform_(self.weight)
        self.s, self.m = s, m

    def forward(self, e, y=None):
        cos = F.linear(F.normalize(e), F.normalize(self.weight))
        if y is None:
            return self.s * cos
        theta = torch.acos(cos.clamp(-1 + 1e-6, 1 - 1e-6))
        target = torch.cos((theta + self.m).clamp(max=math.pi))
        hot = F.one_hot(y, cos.size(1)).to(cos.dtype)
        return self.s * (hot * target + (1 - hot) * cos)


class Embedder(nn.Module):
    def __init__(self):
        super().__init__()
        self.base = models.resnet101(weights=models.ResNet101_Weights.IMAGENET1K_V1)
        self.base.fc = nn.Identity()
        self.neck = nn.Sequential(nn.Dropout(0.2), nn.Linear(2048, EMB), nn.BatchNorm1d(EMB))

    def forward(self, x):
        return self.neck(self.base(x))


class Whales(Dataset):
    def __init__(self, df, t):
        self.df, self.t = df.reset_index(drop=True), t

    def __len__(self):
        return len(self.df)

    def __getitem__(self, i):
        r = self.df.iloc[i]
        im = Image.open(os.path.join(DIR, r["Image"])).convert("RGB")
        return self.t(im), int(r["target"])


ms = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
t_train = transforms.Compose([
    transforms.Resize((224, 224)),
    transforms.RandomAffine(10, translate=(0.05, 0.05), shear=5),
    transforms.ColorJitter(0.3, 0.3),
    transforms.RandomGrayscale(0.2),
    transforms.ToTensor(),
    transforms.Normalize(*ms),
])
t_val = transforms.Compose([transforms.Resize((224, 224)), transforms.ToTensor(), transforms.Normalize(*ms)])


def main():
    torch.manual_seed(888)
    device = "cuda"
    df = pd.read_csv("../input/whales/train_top500.csv")       # Image, Id; ids with 5+ pictures
    df["target"] = df["Id"].astype("category").cat.codes
    splits = list(StratifiedKFold(5, shuffle=True, random_state=888).split(df, df["target"]))
    tr_i, va_i = splits[FOLD]
    tr = DataLoader(Whales(df.iloc[tr_i], t_train), batch_size=32, shuffle=True, num_workers=4, drop_last=True)
    va = DataLoader(Whales(df.iloc[va_i], t_val), batch_size=64, num_workers=4)

    net = Embedder().to(device)
    margin = ArcMargin(EMB, N_IDS).to(device)
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-4, weight_decay=1e-3)  # fault: C313
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=30)
    ce = nn.CrossEntropyLoss()

    for epoch in range(30):
        net.train()
        margin.train()
        run = 0.0
        for x, y in tr:
            x, y = x.to(device), y.to(device)
            loss = ce(margin(net(x), y), y)
            net.zero_grad()
            margin.zero_grad()
            loss.backward()
            optimizer.step()
            run += loss.item()
        sched.step()

        net.eval()
        margin.eval()
        top1 = top5 = 0
        with torch.no_grad():
            for x, y in va:
                rank = margin(net(x.to(device))).topk(5, dim=1).indices.cpu()
                top1 += (rank[:, 0] == y).sum().item()
                top5 += (rank == y[:, None]).any(1).sum().item()
        n = len(va.dataset)
        print(f"fold {FOLD} epoch {epoch}: loss {run / len(tr):.3f} top1 {top1 / n:.4f} top5 {top5 / n:.4f}")
    torch.save({"net": net.state_dict(), "margin": margin.state_dict()}, f"whale_f{FOLD}.pt")


if __name__ == "__main__":
    main()
