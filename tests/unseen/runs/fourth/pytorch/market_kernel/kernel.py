# %% [markdown]
# # Market pictures: baseline
# EfficientNet-ish small net, OneCycle, flips. LB 0.71 with a single model.

# %%
import gc
import os
import random
import time

import numpy as np
import pandas as pd
import torch
import torch.nn as nn
import torch.nn.functional as F
from PIL import Image
from torch.optim import AdamW
from torch.optim.lr_scheduler import OneCycleLR
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms as T
from tqdm.auto import tqdm


# %%
class CFG:
    debug = False
    seed = 2023
    root = "market"
    size = 48
    batch_size = 32
    valid_batch_size = 64
    num_workers = 0
    epochs = 30
    max_lr = 2e-3
    weight_decay = 1e-2
    max_grad_norm = 10.0
    print_freq = 10
    width = 32
    dropout = 0.2
    out = "market_out"


def seed_everything(seed):
    random.seed(seed)
    os.environ["PYTHONHASHSEED"] = str(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


seed_everything(CFG.seed)
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
os.makedirs(CFG.out, exist_ok=True)

# %%
train_df = pd.read_csv(f"{CFG.root}/train.csv")
valid_df = pd.read_csv(f"{CFG.root}/valid.csv")
if CFG.debug:
    train_df = train_df.sample(200, random_state=CFG.seed)
print(train_df.shape, valid_df.shape)
print(train_df.category.value_counts())


# %%
def encode(df):
    df = df.copy()
    df["label"], classes = pd.factorize(df["category"])
    return df, list(classes)


train_df, classes = encode(train_df)
valid_df, _ = encode(valid_df)
n_classes = len(classes)
assert valid_df.label.max() + 1 == n_classes


# %%
class MarketDataset(Dataset):
    def __init__(self, df, transform):
        self.names = df["image_id"].values
        self.labels = df["label"].values
        self.transform = transform

    def __len__(self):
        return len(self.names)

    def __getitem__(self, i):
        img = Image.open(os.path.join(CFG.root, "images", self.names[i])).convert("RGB")
        return self.transform(img), torch.tensor(self.labels[i]).long()


MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def get_transforms(data):
    if data == "train":
        return T.Compose([
            T.RandomCrop(CFG.size, padding=5, padding_mode="reflect"),
            T.RandomHorizontalFlip(p=0.5),
            T.ColorJitter(0.2, 0.2, 0.2),
            T.ToTensor(),
            T.Normalize(MEAN, STD),
        ])
    return T.Compose([T.Resize((CFG.size, CFG.size)), T.ToTensor(), T.Normalize(MEAN, STD)])


train_loader = DataLoader(MarketDataset(train_df, get_transforms("train")), batch_size=CFG.batch_size,
                          shuffle=True, num_workers=CFG.num_workers, drop_last=True)
valid_loader = DataLoader(MarketDataset(valid_df, get_transforms("valid")), batch_size=CFG.valid_batch_size,
                          shuffle=False, num_workers=CFG.num_workers)


# %%
class SE(nn.Module):
    def __init__(self, c, r=8):
        super().__init__()
        self.fc1 = nn.Conv2d(c, c // r, 1)
        self.fc2 = nn.Conv2d(c // r, c, 1)

    def forward(self, x):
        s = F.adaptive_avg_pool2d(x, 1)
        return x * torch.sigmoid(self.fc2(F.silu(self.fc1(s))))


class MBBlock(nn.Module):
    def __init__(self, cin, cout, stride, expand=3):
        super().__init__()
        mid = cin * expand
        self.body = nn.Sequential(
            nn.Conv2d(cin, mid, 1, bias=False), nn.BatchNorm2d(mid), nn.SiLU(),
            nn.Conv2d(mid, mid, 3, stride, 1, groups=mid, bias=False), nn.BatchNorm2d(mid), nn.SiLU(),
            SE(mid),
            nn.Conv2d(mid, cout, 1, bias=False), nn.BatchNorm2d(cout),
        )
        self.skip = stride == 1 and cin == cout

    def forward(self, x):
        return x + self.body(x) if self.skip else self.body(x)


class MarketNet(nn.Module):
    def __init__(self, n_classes, w=CFG.width):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, w, 3, 2, 1, bias=False), nn.BatchNorm2d(w), nn.SiLU())
        self.blocks = nn.Sequential(
            MBBlock(w, w, 1), MBBlock(w, 2 * w, 2), MBBlock(2 * w, 2 * w, 1),
            MBBlock(2 * w, 4 * w, 2), MBBlock(4 * w, 4 * w, 1),
        )
        self.drop = nn.Dropout(CFG.dropout)
        self.fc = nn.Linear(4 * w, n_classes)

    def forward(self, x):
        x = self.blocks(self.stem(x)).mean((2, 3))
        return self.fc(self.drop(x))


# %%
def train_fn(loader, model, criterion, optimizer, scheduler, epoch):
    model.train()
    total, seen = 0.0, 0
    start = time.time()
    for step, (images, labels) in enumerate(loader):
        images, labels = images.to(device), labels.to(device)
        y_preds = model(images)
        loss = criterion(y_preds, labels)
        loss.backward()
        grad_norm = torch.nn.utils.clip_grad_norm_(model.parameters(), CFG.max_grad_norm)
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad(set_to_none=True)
        total += loss.item() * len(labels)
        seen += len(labels)
        if step % CFG.print_freq == 0 or step == len(loader) - 1:
            print(f"Epoch: [{epoch}][{step}/{len(loader)}] elapsed {time.time() - start:.0f}s "
                  f"loss {total / seen:.4f} grad {grad_norm:.3f} lr {scheduler.get_last_lr()[0]:.6f}")
    return total / seen


def valid_fn(loader, model, criterion):
    model.eval()
    total, preds, truth = 0.0, [], []
    for images, labels in tqdm(loader, leave=False, disable=True):
        images, labels = images.to(device), labels.to(device)
        with torch.no_grad():
            y_preds = model(images)
            total += criterion(y_preds, labels).item() * len(labels)
        preds.append(y_preds.softmax(1).cpu().numpy())
        truth.append(labels.cpu().numpy())
    return total / len(loader.dataset), np.concatenate(preds), np.concatenate(truth)


# %%
model = MarketNet(n_classes).to(device)
print(sum(p.numel() for p in model.parameters()), "parameters")
criterion = nn.CrossEntropyLoss()
optimizer = AdamW(model.parameters(), lr=CFG.max_lr, weight_decay=CFG.weight_decay)
scheduler = OneCycleLR(optimizer, max_lr=CFG.max_lr, epochs=CFG.epochs, steps_per_epoch=len(train_loader),
                       pct_start=0.1, div_factor=10, final_div_factor=100)

best_score = 0.0
for epoch in range(CFG.epochs):
    train_loss = train_fn(train_loader, model, criterion, optimizer, scheduler, epoch)
    valid_loss, preds, truth = valid_fn(valid_loader, model, criterion)
    score = (preds.argmax(1) == truth).mean()
    print(f"Epoch {epoch} - train_loss {train_loss:.4f} valid_loss {valid_loss:.4f} accuracy {score:.4f}")
    if score > best_score:
        best_score = score
        torch.save({"model": model.state_dict(), "classes": classes, "preds": preds}, f"{CFG.out}/best.pth")
    gc.collect()

# %%
print("CV:", best_score)
