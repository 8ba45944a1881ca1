import lightning as L
import pandas as pd
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import v2
import torch

MEAN, STD = [0.49, 0.48, 0.45], [0.25, 0.24, 0.26]


class TableDataset(Dataset):
    def __init__(self, frame, folder, classes, transform):
        self.rows = list(zip(frame["image"], frame["label"]))
        self.folder, self.transform = folder, transform
        self.number = {c: i for i, c in enumerate(classes)}

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        name, label = self.rows[i]
        with Image.open(f"{self.folder}/{name}") as im:
            return self.transform(im.convert("RGB")), self.number[label]


class TableData(L.LightningDataModule):
    def __init__(self, csv="table/labels.csv", folder="table/images", batch_size=32):
        super().__init__()
        self.csv, self.folder, self.batch_size = csv, folder, batch_size

    def setup(self, stage=None):
        table = pd.read_csv(self.csv)
        classes = sorted(table["label"].unique())
        end = [v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Normalize(MEAN, STD)]
        augment = v2.Compose([v2.RandomCrop(64, padding=6, padding_mode="reflect"), v2.RandomHorizontalFlip(), *end])
        self.train_set = TableDataset(table[table.split == "train"], self.folder, classes, augment)
        self.val_set = TableDataset(table[table.split == "valid"], self.folder, classes, v2.Compose(end))

    def train_dataloader(self):
        return DataLoader(self.train_set, self.batch_size, shuffle=True)

    def val_dataloader(self):
        return DataLoader(self.val_set, self.batch_size)
