"""Entraînement d'un petit ResNet (transformers) sur objects10, à partir du pré-entraînement maison."""
import json
import os

import torch
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import ImageFolder
from transformers import ResNetConfig, ResNetForImageClassification

DATA = "objects10"
CKPT = "weights/resnet_pretrain_ep90.pt"
ARCH = "weights/resnet-basic/config.json"
EPOCHS = 40
BATCH = 64
LR = 0.02
SIZE = 64

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")


def charge_poids(model, path):
    """Reprend du checkpoint tout ce qui correspond au modèle (la tête peut différer)."""
    ckpt = torch.load(path, map_location="cpu")
    state = {k.replace("module.", ""): v for k, v in ckpt["state_dict"].items()}
    own = model.state_dict()
    state = {k: v for k, v in state.items() if k in own and v.shape == own[k].shape}
    model.load_state_dict(state, strict=False)
    print("Poids pré-entraînés chargés (époque %d)" % ckpt["epoch"])
    return model


def construit_modele(n_classes):
    with open(ARCH) as f:
        cfg = ResNetConfig.from_dict(json.load(f))
    cfg.num_labels = n_classes
    model = ResNetForImageClassification(cfg)
    return charge_poids(model, CKPT)


def construit_loaders():
    norm = transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    tf_train = transforms.Compose([
        transforms.Resize(SIZE),
        transforms.RandomCrop(SIZE, padding=6, padding_mode="reflect"),
        transforms.RandomHorizontalFlip(),
        transforms.ToTensor(), norm])
    tf_val = transforms.Compose([transforms.Resize(SIZE), transforms.ToTensor(), norm])
    train = ImageFolder(os.path.join(DATA, "train"), tf_train)
    val = ImageFolder(os.path.join(DATA, "val"), tf_val)
    return (DataLoader(train, BATCH, shuffle=True, num_workers=2, drop_last=True),
            DataLoader(val, BATCH, num_workers=2), train.classes)


def evalue(model, loader):
    model.eval()
    ok, n, perte = 0, 0, 0.0
    with torch.no_grad():
        for x, y in loader:
            out = model(pixel_values=x.to(device), labels=y.to(device))
            perte += out.loss.item() * len(y)
            ok += (out.logits.argmax(1).cpu() == y).sum().item()
            n += len(y)
    return perte / n, ok / n


def main():
    torch.manual_seed(3)
    train_loader, val_loader, classes = construit_loaders()
    model = construit_modele(len(classes)).to(device)
    # la tête apprend plus vite que le corps pré-entraîné
    optim = torch.optim.SGD([
        {"params": model.resnet.parameters(), "lr": LR / 4},
        {"params": model.classifier.parameters(), "lr": LR},
    ], momentum=0.9, weight_decay=1e-4)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(optim, EPOCHS)

    for ep in range(EPOCHS):
        model.train()
        perte = 0.0
        for x, y in train_loader:
            optim.zero_grad()
            out = model(pixel_values=x.to(device), labels=y.to(device))
            out.loss.backward()
            optim.step()
            perte += out.loss.item()
        sched.step()
        vl, va = evalue(model, val_loader)
        print(f"époque {ep + 1}/{EPOCHS}  perte {perte / len(train_loader):.3f}  val {vl:.3f}  précision {va:.1%}")
    torch.save(model.state_dict(), "objects10_final.pt")


if __name__ == "__main__":
    main()
