import numpy as np
import pandas as pd
import torch
from PIL import Image, ImageEnhance
from torch.utils.data import Dataset

MEAN = np.array([0.491, 0.482, 0.447], np.float32)
STD = np.array([0.247, 0.243, 0.262], np.float32)


def augment(img, rng=np.random):
    if rng.rand() < 0.5:
        img = img.transpose(Image.FLIP_LEFT_RIGHT)
    img = img.rotate(rng.uniform(-12, 12), resample=Image.BILINEAR)
    img = ImageEnhance.Brightness(img).enhance(rng.uniform(0.75, 1.25))
    w, h = img.size
    x0, y0 = rng.randint(0, w // 8 + 1), rng.randint(0, h // 8 + 1)
    return img.crop((x0, y0, x0 + w - w // 8, y0 + h - h // 8)).resize((w, h), Image.BILINEAR)


class FlatImages(Dataset):
    def __init__(self, root, csv, classes=None, train=False):
        table = pd.read_csv(f"{root}/{csv}", dtype=str)
        self.classes = classes or sorted(table["category"].unique())
        self.paths = [f"{root}/images/{i}.png" for i in table["image_id"]]
        self.targets = [self.classes.index(c) for c in table["category"]]
        self.train = train

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, i):
        img = Image.open(self.paths[i]).convert("RGB")
        if self.train:
            img = augment(img)
        arr = (np.asarray(img, np.float32) / 255 - MEAN) / STD
        return torch.from_numpy(arr.transpose(2, 0, 1).copy()), self.targets[i]
