import os

import pandas as pd
from PIL import Image
from torch.utils.data import Dataset
from torchvision import transforms as T

NORM = T.Normalize([0.48, 0.48, 0.48], [0.25, 0.25, 0.26])


def read_table(path, balance, seed):
    df = pd.read_csv(path)
    categories = sorted(df["category"].unique())
    df["target"] = df["category"].map({c: i for i, c in enumerate(categories)})
    if balance:
        # bring every category to the size of the largest one
        largest = df["target"].value_counts().max()
        parts = []
        for _, rows in df.groupby("target"):
            extra = rows.sample(largest - len(rows), replace=True, random_state=seed)
            parts.append(pd.concat([rows, extra]))
        df = pd.concat(parts, ignore_index=True)
    return df, categories


def split(df, share, seed):
    """Stratified: the same share of every category goes to validation."""
    val = df.groupby("target").sample(frac=share, random_state=seed)
    train = df.drop(val.index)
    return train.reset_index(drop=True), val.reset_index(drop=True)


class Frames(Dataset):
    def __init__(self, df, folder, size, training):
        self.files = [os.path.join(folder, f) for f in df["file"]]
        self.targets = df["target"].tolist()
        if training:
            self.tf = T.Compose([
                T.RandomResizedCrop(size, scale=(0.7, 1.0), ratio=(0.85, 1.18)),
                T.RandomHorizontalFlip(),
                T.RandAugment(num_ops=1, magnitude=7),
                T.ToTensor(), NORM,
            ])
        else:
            self.tf = T.Compose([T.Resize((size, size)), T.ToTensor(), NORM])

    def __len__(self):
        return len(self.files)

    def __getitem__(self, i):
        return {"image": self.tf(Image.open(self.files[i]).convert("RGB")), "target": self.targets[i]}
