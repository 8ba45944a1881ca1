import os

import pandas as pd
import torch
from PIL import Image
from torch.utils.data import Dataset
from torchvision import transforms as T

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def build_transforms(size):
    train = T.Compose([
        T.RandomResizedCrop(size, scale=(0.6, 1.0)),
        T.RandomHorizontalFlip(),
        T.ColorJitter(0.2, 0.2, 0.2),
        T.ToTensor(),
        T.Normalize(MEAN, STD),
    ])
    test = T.Compose([
        T.Resize(int(size * 1.15)),
        T.CenterCrop(size),
        T.ToTensor(),
        T.Normalize(MEAN, STD),
    ])
    return train, test


def read_table(csv_path):
    """Reads one table and adds an integer `target` column."""
    df = pd.read_csv(csv_path).dropna()
    df["label"] = df["label"].str.strip().str.lower()
    codes, names = pd.factorize(df["label"])
    df["target"] = codes
    return df.reset_index(drop=True), list(names)


class VehicleDataset(Dataset):
    def __init__(self, root, csv_name, transform):
        self.root = root
        self.df, self.classes = read_table(os.path.join(root, csv_name))
        self.transform = transform

    def __len__(self):
        return len(self.df)

    def __getitem__(self, i):
        row = self.df.iloc[i]
        img = Image.open(os.path.join(self.root, "images", row["filename"])).convert("RGB")
        return self.transform(img), torch.tensor(row["target"], dtype=torch.long)
