from pathlib import Path

import lightning as L
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import ImageFolder


class PlanktonData(L.LightningDataModule):
    def __init__(self, root: str = "plankton", num_classes: int = 10, image_size: int = 224,
                 batch_size: int = 64, num_workers: int = 8):
        super().__init__()
        self.save_hyperparameters()
        self.num_classes = num_classes

    def setup(self, stage: str) -> None:
        s = self.hparams.image_size
        norm = transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
        root = Path(self.hparams.root)
        self.train_set = ImageFolder(root / "train", transforms.Compose([
            transforms.RandomResizedCrop(s),
            transforms.RandomHorizontalFlip(),
            transforms.RandomVerticalFlip(),
            transforms.ToTensor(),
            norm,
        ]))
        self.val_set = ImageFolder(root / "val", transforms.Compose([
            transforms.Resize(round(s / 0.875)),
            transforms.CenterCrop(s),
            transforms.ToTensor(),
            norm,
        ]))
        assert self.train_set.class_to_idx == self.val_set.class_to_idx

    def _loader(self, dataset, **kw):
        return DataLoader(dataset, batch_size=self.hparams.batch_size, pin_memory=True,
                          num_workers=self.hparams.num_workers, persistent_workers=True, **kw)

    def train_dataloader(self):
        return self._loader(self.train_set, shuffle=True, drop_last=True)

    def val_dataloader(self):
        return self._loader(self.val_set)
