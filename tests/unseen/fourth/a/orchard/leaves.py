import csv
import os

from PIL import Image
from torch.utils.data import Dataset
from torchvision import transforms as T

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


class Leaves(Dataset):
    def __init__(self, table, folder, diseases, transform):
        code = {d: i for i, d in enumerate(diseases)}
        with open(table, newline="") as fh:
            self.rows = [(os.path.join(folder, r["image"]), code[r["disease"]]) for r in csv.DictReader(fh)]
        self.transform = transform

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        path, target = self.rows[index]
        image = Image.open(path).convert("RGB")
        return self.transform(image), target


def train_transform(size):
    return T.Compose([
        T.RandomResizedCrop(size, scale=(0.4, 1.0), interpolation=T.InterpolationMode.BICUBIC),
        T.RandomHorizontalFlip(),
        T.ColorJitter(0.3, 0.3, 0.3),
        T.ToTensor(),
        T.Normalize(MEAN, STD),
        T.RandomErasing(p=0.25),
    ])


def val_transform(size):
    return T.Compose([
        T.Resize(int(size * 8 / 7), interpolation=T.InterpolationMode.BICUBIC),
        T.CenterCrop(size),
        T.ToTensor(),
        T.Normalize(MEAN, STD),
    ])
