# Sound.
import os

import pandas as pd
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms as T

_NORM = T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])

TRAIN = T.Compose([
    T.Resize((224, 224)),
    T.RandomHorizontalFlip(),
    T.RandomVerticalFlip(),      # organisms have no up or down under the microscope
    T.RandomAffine(180, translate=(0.05, 0.05), fill=255),
    T.ToTensor(),
    _NORM,
])
EVAL = T.Compose([T.Resize((224, 224)), T.ToTensor(), _NORM])


class PlanktonSet(Dataset):
    def __init__(self, root, frame, tf):
        self.root, self.tf = root, tf
        self.files = frame["file"].tolist()
        self.labels = frame["label"].astype(int).tolist()

    def __len__(self):
        return len(self.files)

    def __getitem__(self, i):
        img = Image.open(os.path.join(self.root, self.files[i])).convert("RGB")
        return self.tf(img), self.labels[i]


def build_loaders(root, csv, bs):
    df = pd.read_csv(csv)
    is_val = df["split"] == "val"
    tr = DataLoader(PlanktonSet(root, df[~is_val], TRAIN), bs, shuffle=True,
                    num_workers=6, drop_last=True, pin_memory=True)
    va = DataLoader(PlanktonSet(root, df[is_val], EVAL), bs, num_workers=6, pin_memory=True)
    return tr, va
