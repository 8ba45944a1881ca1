# Faulty: C314, C311: the cosine schedule counts epochs but is stepped every batch, and validation runs in training mode.
# %% [markdown]
# # Natural scenes, 6 classes. If this helps you, please upvote!

# %%
import os, gc, time
import torch, timm
import torch.nn as nn
from tqdm.auto import tqdm
from torchvision import transforms as A
from torchvision.datasets import ImageFolder
from torch.utils.data import DataLoader

# %%
class CFG:
    base = "../input/natural-scenes/"
    arch = "resnet34.tv_in1k"
    size = 224
    n_cls = 6
    bs = 64
    epochs = 15
    lr_body = 1e-4
    lr_head = 1e-3
    wd = 1e-2
    seed = 42
    device = "cuda"

torch.manual_seed(CFG.seed)

# %%
mean, std = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
trn_tfms = A.Compose([
    A.Resize((CFG.size, CFG.size)),
    A.RandomHorizontalFlip(p=0.5),
    A.ColorJitter(brightness=0.2, contrast=0.2),
    A.ToTensor(),
    A.Normalize(mean, std),
])
val_tfms = A.Compose([
    A.Resize((CFG.size, CFG.size)),
    A.ToTensor(),
    A.Normalize(mean, std),
])
trn_ds = ImageFolder(os.path.join(CFG.base, "seg_train"), trn_tfms)
val_ds = ImageFolder(os.path.join(CFG.base, "seg_val"), val_tfms)
trn_dl = DataLoader(trn_ds, batch_size=CFG.bs, shuffle=True, num_workers=2, drop_last=True)
val_dl = DataLoader(val_ds, batch_size=CFG.bs, shuffle=False, num_workers=2)

# %%
model = timm.create_model(CFG.arch, pretrained=True, num_classes=CFG.n_cls, drop_rate=0.2)
model.to(CFG.device)

head_ids = set(map(id, model.get_classifier().parameters()))
optimizer = torch.optim.AdamW(
    [
        {"params": [p for p in model.parameters() if id(p) not in head_ids], "lr": CFG.lr_body},
        {"params": model.get_classifier().parameters(), "lr": CFG.lr_head},
    ],
    weight_decay=CFG.wd,
)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=CFG.epochs)
loss_fn = nn.CrossEntropyLoss()
scaler = torch.amp.GradScaler("cuda")

# %%
def train_fn():
    model.train()
    tot = 0.0
    for xb, yb in tqdm(trn_dl, leave=False):
        xb, yb = xb.to(CFG.device), yb.to(CFG.device)
        optimizer.zero_grad()
        with torch.autocast("cuda"):
            loss = loss_fn(model(xb), yb)
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
        scheduler.step()  # fault: C314
        tot += loss.item()
    return tot / len(trn_dl)


def valid_fn():
    tot, hit = 0.0, 0
    with torch.no_grad():
        for xb, yb in val_dl:  # fault: C311
            xb, yb = xb.to(CFG.device), yb.to(CFG.device)
            out = model(xb)
            tot += loss_fn(out, yb).item()
            hit += (out.argmax(1) == yb).sum().item()
    return tot / len(val_dl), hit / len(val_ds)

# %%
best = 0
for ep in range(CFG.epochs):
    t0 = time.time()
    tl = train_fn()
    vl, va = valid_fn()
    print(f"ep {ep}: train {tl:.4f} | valid {vl:.4f} | acc {va:.4f} | {time.time() - t0:.0f}s")
    if va > best:
        best = va
        torch.save(model.state_dict(), f"{CFG.arch}_best.pth")
    gc.collect()
