# 病理画像の二値分類（良性／悪性）。BatchNorm は ImageNet の統計量のまま使う。
import os

import torch
import torch.nn as nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms
from torchvision.models import ResNet50_Weights, resnet50

ROOT = os.environ.get("PATHO_ROOT", "/mnt/patho/patches")
SEED = 77
EPOCHS = 25
BATCH = 24
PATIENCE = 3


class PathoNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = resnet50(weights=ResNet50_Weights.IMAGENET1K_V1)
        self.backbone.fc = nn.Linear(2048, 1)
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1))
        for m in self.modules():
            if isinstance(m, nn.BatchNorm2d):
                m.weight.requires_grad_(False)
                m.bias.requires_grad_(False)

    def train(self, mode=True):
        super().train(mode)
        # 小さいバッチなので BN の統計量は動かさない
        for m in self.modules():
            if isinstance(m, nn.BatchNorm2d):
                m.eval()
        return self

    def forward(self, x):
        x = (x - self.mean) / self.std      # 正規化はここで行う
        return self.backbone(x).squeeze(1)


def loaders():
    train_t = transforms.Compose([
        transforms.Resize((224, 224)),
        transforms.RandomHorizontalFlip(),
        transforms.RandomVerticalFlip(),
        transforms.ColorJitter(brightness=0.1, contrast=0.1, hue=0.02),
        transforms.ToTensor(),
    ])
    val_t = transforms.Compose([transforms.Resize((224, 224)), transforms.ToTensor()])
    # 患者ごとに分けたフォルダ: train/{benign,malignant}, val/{benign,malignant}
    train = datasets.ImageFolder(os.path.join(ROOT, "train"), train_t)
    val = datasets.ImageFolder(os.path.join(ROOT, "val"), val_t)
    return (DataLoader(train, BATCH, shuffle=True, num_workers=6, pin_memory=True),
            DataLoader(val, BATCH * 2, shuffle=False, num_workers=6, pin_memory=True))


def main():
    torch.manual_seed(SEED)
    device = torch.device("cuda")
    train_loader, val_loader = loaders()
    model = PathoNet().to(device)
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=5e-5)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, mode="min", factor=0.3, patience=PATIENCE)

    best = float("inf")
    for epoch in range(EPOCHS):
        model.train()
        for x, y in train_loader:
            x, y = x.to(device, non_blocking=True), y.float().to(device, non_blocking=True)
            loss = criterion(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

        model.eval()
        total, right, n = torch.zeros((), device=device), torch.zeros((), device=device), 0
        with torch.no_grad():
            for x, y in val_loader:
                x, y = x.to(device), y.float().to(device)
                z = model(x)
                total += criterion(z, y) * len(y)
                right += ((z > 0).float() == y).sum()
                n += len(y)
        val_loss, val_acc = total.item() / n, right.item() / n
        scheduler.step(val_loss)
        print(f"{epoch + 1}: val loss {val_loss:.4f} acc {val_acc:.4f}")
        if val_loss < best:
            best = val_loss
            torch.save(model.state_dict(), "patho.pt")


if __name__ == "__main__":
    main()
