import os

import pandas as pd
import torch
from PIL import Image
from torch.utils.data import Dataset
from torchvision import transforms as T
from torchvision.transforms import InterpolationMode


class Plankton(Dataset):
    def __init__(self, df, root, names, tf):
        code = {n: i for i, n in enumerate(names)}
        self.paths = [os.path.join(root, "img", f) for f in df["file"]]
        self.y = [code[t] for t in df["taxon"]]
        self.tf = tf

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, k):
        with Image.open(self.paths[k]) as im:
            x = self.tf(im.convert("RGB"))
        return x, torch.tensor(self.y[k])


def transforms_for(size, mean, std):
    norm = [T.ToTensor(), T.Normalize(mean, std)]
    train = T.Compose([T.RandomResizedCrop(size, scale=(0.6, 1.0), interpolation=InterpolationMode.BICUBIC),
                       T.RandomHorizontalFlip(), T.RandomVerticalFlip()] + norm)
    test = T.Compose([T.Resize(size, interpolation=InterpolationMode.BICUBIC), T.CenterCrop(size)] + norm)
    return train, test


def read_tables(root):
    df = pd.read_csv(os.path.join(root, "labels.csv"))
    names = sorted(df["taxon"].unique())
    return df[df.split == "train"], df[df.split == "val"], names
