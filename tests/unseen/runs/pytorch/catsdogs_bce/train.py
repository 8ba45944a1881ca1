"""
Gato ou cachorro?  Uma saída só, BCEWithLogitsLoss, EfficientNet-B0.
Pode ser interrompido: --resume continua do último checkpoint (modelo, otimizador, scheduler e melhor resultado).
"""
import os
import random
from glob import glob

import click
import torch
import torch.nn as nn
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision import models, transforms


class CatsDogs(Dataset):
    def __init__(self, paths, transform):
        self.paths = paths
        self.transform = transform

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, i):
        path = self.paths[i]
        label = 1.0 if os.path.basename(path).startswith("dog") else 0.0
        return self.transform(Image.open(path).convert("RGB")), torch.tensor([label])


class EarlyStopping:
    def __init__(self, patience):
        self.patience, self.best, self.count = patience, None, 0

    def __call__(self, value):
        if self.best is None or value < self.best:
            self.best, self.count = value, 0
            return False
        self.count += 1
        return self.count >= self.patience


@torch.no_grad()
def validate(model, loader, loss_fn, device):
    model.eval()
    loss, hits, n = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        z = model(x)
        loss += loss_fn(z, y).item() * len(y)
        hits += ((z > 0) == (y > 0.5)).sum().item()      # logit > 0  <=>  probabilidade > 0.5
        n += len(y)
    return loss / n, hits / n


@click.command()
@click.argument("folder", default="catsdogs/train")
@click.option("--epochs", default=30)
@click.option("--batch", default=32)
@click.option("--lr", default=3e-4)
@click.option("--resume", is_flag=True)
@click.option("--ckpt", default="runs/catsdogs_bce/last.pt")
def main(folder, epochs, batch, lr, resume, ckpt):
    device = "cuda" if torch.cuda.is_available() else "cpu"
    random.seed(13)
    torch.manual_seed(13)
    paths = sorted(glob(os.path.join(folder, "*.jpg")))
    random.Random(13).shuffle(paths)
    n_val = len(paths) // 5
    norm = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    t_train = transforms.Compose([transforms.Resize(176), transforms.RandomCrop(160), transforms.RandomHorizontalFlip(),
                                  transforms.ColorJitter(0.2, 0.2), transforms.ToTensor(), norm])
    t_val = transforms.Compose([transforms.Resize(176), transforms.CenterCrop(160), transforms.ToTensor(), norm])
    train = DataLoader(CatsDogs(paths[n_val:], t_train), batch, shuffle=True, num_workers=2, drop_last=True)
    val = DataLoader(CatsDogs(paths[:n_val], t_val), batch, num_workers=2)

    model = models.efficientnet_b0(weights=None)
    model.load_state_dict(torch.load("weights/efficientnet_b0.pth", map_location="cpu"))
    model.classifier = nn.Sequential(nn.Dropout(0.3), nn.Linear(1280, 1))
    model.to(device)

    loss_fn = nn.BCEWithLogitsLoss()
    opt = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=1e-2)
    sched = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, factor=0.2, patience=2)
    stop = EarlyStopping(patience=6)
    start = 0
    if resume and os.path.exists(ckpt):
        s = torch.load(ckpt, map_location=device)
        model.load_state_dict(s["model"])
        opt.load_state_dict(s["opt"])
        sched.load_state_dict(s["sched"])
        stop.best, stop.count = s["stop"]
        start = s["epoch"] + 1

    os.makedirs(os.path.dirname(ckpt), exist_ok=True)
    for epoch in range(start, epochs):
        model.train()
        soma = 0.0
        for x, y in train:
            x, y = x.to(device), y.to(device)
            opt.zero_grad()
            loss = loss_fn(model(x), y)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            opt.step()
            soma += loss.item()
        val_loss, val_acc = validate(model, val, loss_fn, device)
        sched.step(val_loss)
        print(f"época {epoch + 1}: treino {soma / len(train):.4f}  validação {val_loss:.4f}  acurácia {val_acc:.4f}")
        fim = stop(val_loss)
        torch.save({"epoch": epoch, "model": model.state_dict(), "opt": opt.state_dict(), "sched": sched.state_dict(),
                    "stop": (stop.best, stop.count)}, ckpt)
        if fim:
            print("parada antecipada")
            break


if __name__ == "__main__":
    main()
