import cv2
import pandas as pd
import albumentations as A
from albumentations.pytorch import ToTensorV2
from sklearn.model_selection import StratifiedKFold
from torch.utils.data import DataLoader, Dataset

cv2.setNumThreads(0)

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def train_transforms(size):
    return A.Compose([
        A.RandomResizedCrop(size=(size, size), scale=(0.5, 1.0)),
        A.HorizontalFlip(p=0.5),
        A.VerticalFlip(p=0.5),
        A.RandomBrightnessContrast(brightness_limit=0.2, contrast_limit=0.2, p=0.5),
        A.Normalize(mean=MEAN, std=STD, max_pixel_value=255.0),
        ToTensorV2(),
    ])


def valid_transforms(size):
    return A.Compose([
        A.Resize(height=size, width=size),
        A.Normalize(mean=MEAN, std=STD, max_pixel_value=255.0),
        ToTensorV2(),
    ])


class LeafDataset(Dataset):
    def __init__(self, df, folder, transforms):
        self.ids = df["image_id"].to_numpy()
        self.labels = df["label"].to_numpy()
        self.folder = folder
        self.transforms = transforms

    def __len__(self):
        return len(self.ids)

    def __getitem__(self, index):
        image = cv2.imread(f"{self.folder}/{self.ids[index]}")
        image = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
        return self.transforms(image=image)["image"], int(self.labels[index])


def make_loaders(cfg):
    d, t = cfg["data"], cfg["train"]
    df = pd.read_csv(d["csv"])
    folds = StratifiedKFold(n_splits=d["n_folds"], shuffle=True, random_state=t["seed"])
    trn, val = list(folds.split(df, df["label"]))[d["fold"]]
    train_ds = LeafDataset(df.iloc[trn], d["folder"], train_transforms(d["size"]))
    valid_ds = LeafDataset(df.iloc[val], d["folder"], valid_transforms(d["size"]))
    train_dl = DataLoader(train_ds, batch_size=t["batch_size"], shuffle=True, drop_last=True,
                          num_workers=t["workers"], pin_memory=True)
    valid_dl = DataLoader(valid_ds, batch_size=t["batch_size"] * 2, shuffle=False,
                          num_workers=t["workers"], pin_memory=True)
    return train_dl, valid_dl
