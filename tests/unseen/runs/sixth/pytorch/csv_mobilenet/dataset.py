import os

import pandas as pd
from PIL import Image
from torch.utils.data import Dataset
from torchvision import transforms


def build_transforms(size, train):
    norm = transforms.Normalize((0.4914, 0.4822, 0.4465), (0.247, 0.243, 0.262))
    if train:
        return transforms.Compose([
            transforms.RandomResizedCrop(size, scale=(0.6, 1.0)),
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
            norm,
        ])
    return transforms.Compose([transforms.Resize((size, size)), transforms.ToTensor(), norm])


class CsvImages(Dataset):
    def __init__(self, folder, csv_file, transform):
        self.df = pd.read_csv(os.path.join(folder, csv_file), dtype={"image_id": str})
        self.folder = folder
        self.transform = transform
        self.class_to_idx = {name: k for k, name in enumerate(self.df["category"].unique())}
        self.df["target"] = self.df["category"].map(self.class_to_idx)

    def __len__(self):
        return len(self.df)

    def __getitem__(self, index):
        row = self.df.iloc[index]
        img = Image.open(os.path.join(self.folder, "images", row["image_id"] + ".png")).convert("RGB")
        return self.transform(img), int(row["target"])
