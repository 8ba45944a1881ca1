import albumentations as A
import cv2
import numpy as np
import pandas as pd
import timm
import torch
from albumentations.pytorch import ToTensorV2
from torch.utils.data import DataLoader, Dataset


class CFG:
    seed = 42
    size = 256
    lr = 1e-4
    epochs = 8
    train_bs = 32
    valid_bs = 64
    target_size = 5
    model_name = "resnext50_32x4d"


class LeafDataset(Dataset):
    def __init__(self, df, transform=None):
        self.df, self.transform = df, transform
        self.file_names = df["image_id"].values
        self.labels = df["label"].values

    def __len__(self):
        return len(self.df)

    def __getitem__(self, idx):
        image = cv2.imread(f"train_images/{self.file_names[idx]}")
        image = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
        if self.transform:
            image = self.transform(image=image)["image"]
        return image, torch.tensor(self.labels[idx]).long()


def get_transforms(*, data):
    if data == "train":
        return A.Compose([
            A.RandomResizedCrop(CFG.size, CFG.size), A.Transpose(p=0.5), A.HorizontalFlip(p=0.5), A.ShiftScaleRotate(p=0.5),
            A.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225]), ToTensorV2()])
    elif data == "valid":
        return A.Compose([
            A.Resize(CFG.size, CFG.size), A.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225]), ToTensorV2()])


class CustomResNext(torch.nn.Module):
    def __init__(self, model_name="resnext50_32x4d", pretrained=False):
        super().__init__()
        self.model = timm.create_model(model_name, pretrained=pretrained)
        n_features = self.model.fc.in_features
        self.model.fc = torch.nn.Linear(n_features, CFG.target_size)

    def forward(self, x):
        return self.model(x)


def seed_torch(seed=42):
    np.random.seed(seed)
    torch.manual_seed(seed)
    torch.backends.cudnn.deterministic = True


def train_loop(folds, fold):
    train_dataset = LeafDataset(folds[folds["fold"] != fold], transform=get_transforms(data="train"))
    valid_dataset = LeafDataset(folds[folds["fold"] == fold], transform=get_transforms(data="valid"))
    train_loader = DataLoader(train_dataset, batch_size=CFG.train_bs, shuffle=True, num_workers=4, drop_last=True)
    valid_loader = DataLoader(valid_dataset, batch_size=CFG.valid_bs, shuffle=False, num_workers=4)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = CustomResNext(CFG.model_name, pretrained=True)
    model.to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=CFG.lr, weight_decay=1e-6, amsgrad=False)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, T_0=8, eta_min=1e-6)
    criterion = torch.nn.CrossEntropyLoss()
    for epoch in range(CFG.epochs):
        model.train()
        for step, (images, labels) in enumerate(train_loader):
            images, labels = images.to(device), labels.to(device)
            loss = criterion(model(images), labels)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
        model.eval()
        preds = []
        for images, labels in valid_loader:
            with torch.no_grad():
                preds.append(model(images.to(device)).softmax(1).cpu().numpy())
        scheduler.step()


if __name__ == "__main__":
    seed_torch(seed=CFG.seed)
    train_loop(pd.read_csv("folds.csv"), 0)
