from dataclasses import dataclass, field

import torch
import torchvision
import torchvision.transforms as T
from torch.utils.data import DataLoader


@dataclass
class DataConfig:
    root: str = "flowers"
    size: int = 128
    batch_size: int = 64


@dataclass
class TrainConfig:
    data: DataConfig = field(default_factory=DataConfig)
    lr: float = 3e-3
    weight_decay: float = 0.05
    epochs: int = 60
    classes: int = 102
    seed: int = 1234


class Trainer:
    def __init__(self, cfg: TrainConfig):
        self.cfg = cfg
        torch.manual_seed(cfg.seed)
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.model = torchvision.models.resnet50(weights=None, num_classes=cfg.classes).to(self.device)
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=cfg.lr, weight_decay=cfg.weight_decay)
        self.train_loader = self._loader("train", True)
        self.val_loader = self._loader("val", False)
        steps = len(self.train_loader) * cfg.epochs
        self.scheduler = torch.optim.lr_scheduler.OneCycleLR(self.optimizer, max_lr=cfg.lr, total_steps=steps)
        self.criterion = torch.nn.CrossEntropyLoss()

    def _loader(self, split, train):
        tail = [T.ToTensor(), T.Normalize((0.43, 0.38, 0.30), (0.29, 0.24, 0.27))]
        if train:
            tf = T.Compose([T.RandomResizedCrop(self.cfg.data.size), T.RandomHorizontalFlip(), T.RandAugment()] + tail)
        else:
            tf = T.Compose([T.Resize(self.cfg.data.size + 16), T.CenterCrop(self.cfg.data.size)] + tail)
        ds = torchvision.datasets.ImageFolder(f"{self.cfg.data.root}/{split}", transform=tf)
        return DataLoader(ds, batch_size=self.cfg.data.batch_size, shuffle=train, num_workers=4)

    def train_epoch(self):
        self.model.train()
        for x, y in self.train_loader:
            x, y = x.to(self.device), y.to(self.device)
            self.optimizer.zero_grad()
            loss = self.criterion(self.model(x), y)
            loss.backward()
            self.optimizer.step()
            self.scheduler.step()

    def evaluate(self):
        self.model.eval()
        correct = 0
        with torch.no_grad():
            for x, y in self.val_loader:
                correct += (self.model(x.to(self.device)).argmax(1).cpu() == y).sum().item()
        return correct

    def fit(self):
        for epoch in range(self.cfg.epochs):
            self.train_epoch()
            print(epoch, self.evaluate())


if __name__ == "__main__":
    Trainer(TrainConfig()).fit()
