import lightning.pytorch as pl
import torch
from torch.utils.data import DataLoader, Subset
from torchvision import transforms as tv
from torchvision.datasets import CIFAR10

NORM = tv.Normalize([0.4914, 0.4822, 0.4465], [0.2470, 0.2435, 0.2616])


class SmallPictures(pl.LightningDataModule):
    def __init__(self, root: str = "./data", batch_size: int = 128, num_workers: int = 4,
                 holdout: int = 5000, jitter: float = 0.2):
        super().__init__()
        self.save_hyperparameters()
        self.fit_tf = tv.Compose([
            tv.RandomCrop(32, padding=4),
            tv.RandomHorizontalFlip(),
            tv.ColorJitter(jitter, jitter, jitter),
            tv.ToTensor(),
            NORM,
        ])
        self.plain_tf = tv.Compose([tv.ToTensor(), NORM])

    def prepare_data(self):
        for train in (True, False):
            CIFAR10(self.hparams.root, train=train, download=True)

    def setup(self, stage=None):
        root = self.hparams.root
        order = torch.randperm(50000, generator=torch.Generator().manual_seed(2)).tolist()
        cut = self.hparams.holdout
        self.fit_set = Subset(CIFAR10(root, train=True, transform=self.fit_tf), order[cut:])
        self.val_set = Subset(CIFAR10(root, train=True, transform=self.plain_tf), order[:cut])
        self.test_set = CIFAR10(root, train=False, transform=self.plain_tf)

    def _loader(self, ds, **kw):
        return DataLoader(ds, batch_size=self.hparams.batch_size, pin_memory=True,
                          num_workers=self.hparams.num_workers, **kw)

    def train_dataloader(self):
        return self._loader(self.fit_set, shuffle=True, drop_last=True)

    def val_dataloader(self):
        return self._loader(self.val_set)

    def test_dataloader(self):
        return self._loader(self.test_set)
