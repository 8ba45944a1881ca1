import numpy as np
import pytorch_lightning as pl
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset


class NpzImages(Dataset):
    def __init__(self, path, part, train):
        with np.load(path) as z:
            self.x = torch.from_numpy(z[f"x_{part}"]).permute(0, 3, 1, 2).contiguous()
            self.y = torch.from_numpy(z[f"y_{part}"])
        self.train = train

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        x = self.x[i].float().div(127.5).sub(1.0)
        if self.train:
            if torch.rand(()) < 0.5:
                x = x.flip(-1)
            pad = nn.functional.pad(x[None], (4, 4, 4, 4), mode="reflect")[0]
            r, c = torch.randint(0, 9, (2,)).tolist()
            x = pad[:, r:r + 32, c:c + 32]
        return x, self.y[i]


def conv(i, o, s=1):
    return nn.Sequential(nn.Conv2d(i, o, 3, s, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU(inplace=True))


class TwoRates(pl.LightningModule):
    """Features with SGD, classifier with Adam."""

    def __init__(self, lr_features=0.03, lr_head=1e-3, classes=10):
        super().__init__()
        self.save_hyperparameters()
        self.automatic_optimization = False
        self.features = nn.Sequential(conv(3, 32), conv(32, 64, 2), conv(64, 64), conv(64, 128, 2), conv(128, 128))
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, 64), nn.ReLU(),
                                  nn.Dropout(0.2), nn.Linear(64, classes))
        self.criterion = nn.CrossEntropyLoss()

    def forward(self, x):
        return self.head(self.features(x))

    def training_step(self, batch, batch_idx):
        opt_features, opt_head = self.optimizers()
        x, y = batch
        loss = self.criterion(self(x), y)
        opt_head.zero_grad()
        self.manual_backward(loss)
        opt_features.step()
        opt_head.step()
        self.log("train/loss", loss.detach(), prog_bar=True, on_step=True, on_epoch=True)

    def on_train_epoch_end(self):
        for s in self.lr_schedulers():
            s.step()

    def validation_step(self, batch, batch_idx):
        x, y = batch
        out = self(x)
        hits = (out.argmax(1) == y).float().mean()
        self.log_dict({"val/loss": self.criterion(out, y), "val/acc": hits}, prog_bar=True, batch_size=len(y))

    def configure_optimizers(self):
        a = torch.optim.SGD(self.features.parameters(), self.hparams.lr_features, momentum=0.9, weight_decay=5e-4)
        b = torch.optim.Adam(self.head.parameters(), self.hparams.lr_head)
        return [a, b], [torch.optim.lr_scheduler.MultiStepLR(o, [25, 35], 0.1) for o in (a, b)]


def main():
    pl.seed_everything(1, workers=True)
    train = DataLoader(NpzImages("cifar_small.npz", "train", True), batch_size=50, shuffle=True, drop_last=True)
    val = DataLoader(NpzImages("cifar_small.npz", "test", False), batch_size=100)
    trainer = pl.Trainer(max_epochs=40, accelerator="cpu", logger=False, enable_checkpointing=False,
                         num_sanity_val_steps=0)
    trainer.fit(TwoRates(), train, val)


if __name__ == "__main__":
    main()
