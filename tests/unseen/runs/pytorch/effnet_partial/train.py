import argparse
import os
from pathlib import Path

import torch
import torch.nn as nn
from torch.utils.data import DataLoader
from torchvision import datasets, models
from torchvision.transforms import v2


class Config:
    data = Path("photos")
    arch = "efficientnet_b0"
    image_size = 224
    batch_size = 32
    epochs = 30
    lr = 3e-4
    weight_decay = 1e-2
    trainable = ("features.6", "features.7", "features.8", "fc")   # the rest is kept as it was pretrained
    patience = 6


def get_model(arch, num_classes, weights_dir="weights"):
    model = getattr(models, arch)(weights=None)
    model.load_state_dict(torch.load(os.path.join(weights_dir, arch + ".pth"), map_location="cpu"))
    if hasattr(model, "fc"):
        model.fc = nn.Linear(model.fc.in_features, num_classes)
    else:
        last = model.classifier[-1]
        model.classifier[-1] = nn.Linear(last.in_features, num_classes)
    return model


def freeze_except(model, prefixes):
    for name, param in model.named_parameters():
        param.requires_grad = name.startswith(tuple(prefixes))
    n = sum(p.numel() for p in model.parameters() if p.requires_grad)
    print(f"trainable parameters: {n / 1e6:.2f} M")


def set_train_mode(model, prefixes):
    """train mode, but the frozen blocks keep their batch norm statistics"""
    model.train()
    for name, module in model.named_modules():
        if isinstance(module, nn.BatchNorm2d) and not name.startswith(tuple(prefixes)):
            module.eval()


def get_loaders(cfg):
    stats = dict(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
    to_float = [v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Normalize(**stats)]
    train_tf = v2.Compose([v2.RandomResizedCrop(cfg.image_size, scale=(0.5, 1), antialias=True), v2.RandomHorizontalFlip(), *to_float])
    val_tf = v2.Compose([v2.Resize(256, antialias=True), v2.CenterCrop(cfg.image_size), *to_float])
    train = datasets.ImageFolder(cfg.data / "train", train_tf)
    val = datasets.ImageFolder(cfg.data / "val", val_tf)
    return (DataLoader(train, cfg.batch_size, shuffle=True, num_workers=2, drop_last=True),
            DataLoader(val, cfg.batch_size, num_workers=2), train.classes)


def evaluate(model, loader, loss_fn, device):
    model.eval()
    loss, right = 0.0, 0
    with torch.inference_mode():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            out = model(x)
            loss += loss_fn(out, y).item() * len(y)
            right += (out.argmax(1) == y).sum().item()
    return loss / len(loader.dataset), right / len(loader.dataset)


def main(cfg):
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    train_loader, val_loader, classes = get_loaders(cfg)
    model = get_model(cfg.arch, len(classes)).to(device)
    freeze_except(model, cfg.trainable)
    params = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(params, lr=cfg.lr, weight_decay=cfg.weight_decay)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.3, patience=2)
    loss_fn = nn.CrossEntropyLoss()

    best, waited = float("inf"), 0
    for epoch in range(cfg.epochs):
        set_train_mode(model, cfg.trainable)
        for x, y in train_loader:
            x, y = x.to(device), y.to(device)
            loss = loss_fn(model(x), y)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
        val_loss, val_acc = evaluate(model, val_loader, loss_fn, device)
        scheduler.step(val_loss)
        print(f"epoch {epoch}: val loss {val_loss:.4f} acc {val_acc:.3f}")
        if val_loss < best:
            best, waited = val_loss, 0
            torch.save(model.state_dict(), "effnet_partial_best.pt")
        else:
            waited += 1
            if waited >= cfg.patience:
                print("early stop")
                break


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=Config.epochs)
    parser.add_argument("--batch-size", type=int, default=Config.batch_size)
    a = parser.parse_args()
    Config.epochs, Config.batch_size = a.epochs, a.batch_size
    main(Config)
