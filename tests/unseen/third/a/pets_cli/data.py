import lightning as L
import torch
from torch.utils.data import DataLoader, Subset
from torchvision.datasets import OxfordIIITPet
from torchvision.transforms import v2

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def tail():
    return [v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Normalize(MEAN, STD)]


class Pets(L.LightningDataModule):
    num_classes = 37

    def __init__(self, root: str = "data", batch_size: int = 32, workers: int = 8, val_share: float = 0.15,
                 split_seed: int = 0):
        super().__init__()
        self.save_hyperparameters()
        self.train_tf = v2.Compose([v2.RandomResizedCrop(224, scale=(0.4, 1.0), antialias=True),
                                    v2.RandomHorizontalFlip(), *tail()])
        self.eval_tf = v2.Compose([v2.Resize(256, antialias=True), v2.CenterCrop(224), *tail()])

    def prepare_data(self):
        OxfordIIITPet(self.hparams.root, split="trainval", download=True)
        OxfordIIITPet(self.hparams.root, split="test", download=True)

    def setup(self, stage: str):
        root = self.hparams.root
        if stage in ("fit", "validate"):
            augmented = OxfordIIITPet(root, split="trainval", transform=self.train_tf)
            plain = OxfordIIITPet(root, split="trainval", transform=self.eval_tf)
            order = torch.randperm(len(plain), generator=torch.Generator().manual_seed(self.hparams.split_seed)).tolist()
            n_val = int(len(order) * self.hparams.val_share)
            self.train_set = Subset(augmented, order[n_val:])
            self.val_set = Subset(plain, order[:n_val])
        if stage == "test":
            self.test_set = OxfordIIITPet(root, split="test", transform=self.eval_tf)

    def loader(self, ds, train=False):
        return DataLoader(ds, batch_size=self.hparams.batch_size, shuffle=train, drop_last=train,
                          num_workers=self.hparams.workers, pin_memory=True,
                          persistent_workers=self.hparams.workers > 0)

    def train_dataloader(self):
        return self.loader(self.train_set, train=True)

    def val_dataloader(self):
        return self.loader(self.val_set)

    def test_dataloader(self):
        return self.loader(self.test_set)
