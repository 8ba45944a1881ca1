import os

import pandas as pd
import torch
from PIL import Image
from torch.utils.data import Dataset
from torchvision import transforms


class TableDataset(Dataset):
    """One row a picture: filename, label (a word)."""

    def __init__(self, csv_file, image_dir, processor, train=False):
        self.df = pd.read_csv(csv_file)
        self.image_dir = image_dir
        self.processor = processor
        self.flip = transforms.Compose([transforms.RandomHorizontalFlip(), transforms.RandomRotation(10)]) if train else None
        codes, self.classes = pd.factorize(self.df["label"])
        self.df["target"] = codes

    def __len__(self):
        return len(self.df)

    def __getitem__(self, idx):
        row = self.df.iloc[idx]
        image = Image.open(os.path.join(self.image_dir, row["filename"])).convert("RGB")
        if self.flip is not None:
            image = self.flip(image)
        pixels = self.processor(image, return_tensors="pt")["pixel_values"][0]
        return {"pixel_values": pixels, "labels": torch.tensor(int(row["target"]))}
