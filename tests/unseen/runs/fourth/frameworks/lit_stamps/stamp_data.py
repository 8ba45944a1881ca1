from pathlib import Path
from typing import Optional

import lightning as L
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms as T

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


class StampFiles(Dataset):
    """A list of (path, class index) with its own transform."""

    def __init__(self, samples, transform):
        self.samples = samples
        self.transform = transform

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, i):
        path, target = self.samples[i]
        with Image.open(path) as im:
            im = im.convert("RGB")
        return self.transform(im), target


class StampDataModule(L.LightningDataModule):
    def __init__(self, root: str, image_size: int = 64, batch_size: int = 16,
                 val_fraction: float = 0.2, num_workers: int = 0, seed: int = 7):
        super().__init__()
        self.save_hyperparameters()
        self.classes = []

    @property
    def num_classes(self) -> int:
        return len(self.classes)

    def setup(self, stage: Optional[str] = None):
        if self.classes:
            return
        hp = self.hparams
        root = Path(hp.root)
        self.classes = sorted(d.name for d in root.iterdir() if d.is_dir())
        g = torch.Generator().manual_seed(hp.seed)
        train, val = [], []
        for idx, name in enumerate(self.classes):
            files = sorted((root / name).glob("*.png"))
            order = torch.randperm(len(files), generator=g).tolist()
            n_val = max(1, round(len(files) * hp.val_fraction))
            val += [(files[k], idx) for k in order[:n_val]]
            train += [(files[k], idx) for k in order[n_val:]]

        size = hp.image_size
        self.train_set = StampFiles(train, T.Compose([
            T.RandomResizedCrop(size, scale=(0.6, 1.0)),
            T.RandomHorizontalFlip(),
            T.ColorJitter(0.2, 0.2, 0.2),
            T.ToTensor(),
            T.Normalize(MEAN, STD),
        ]))
        self.val_set = StampFiles(val, T.Compose([
            T.Resize(size),
            T.CenterCrop(size),
            T.ToTensor(),
            T.Normalize(MEAN, STD),
        ]))

    def train_dataloader(self):
        return DataLoader(self.train_set, batch_size=self.hparams.batch_size, shuffle=True,
                          num_workers=self.hparams.num_workers, drop_last=True)

    def val_dataloader(self):
        return DataLoader(self.val_set, batch_size=2 * self.hparams.batch_size,
                          num_workers=self.hparams.num_workers)
