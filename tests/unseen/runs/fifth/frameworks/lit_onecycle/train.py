import sys
from pathlib import Path

import lightning as L
import pandas as pd
import timm
import torch
import yaml
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import v2


class CsvImages(Dataset):
    def __init__(self, root, split, transform):
        root = Path(root)
        df = pd.read_csv(root / "labels.csv")
        self.classes = sorted(df["label"].unique().tolist())
        part = df[df["split"] == split]
        self.items = [(root / "images" / f, self.classes.index(c)) for f, c in zip(part["file"], part["label"])]
        self.transform = transform

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        path, target = self.items[i]
        return self.transform(Image.open(path).convert("RGB")), target


class LitTimm(L.LightningModule):
    def __init__(self, num_classes, optim):
        super().__init__()
        self.save_hyperparameters()
        self.model = timm.create_model("resnet10t", pretrained=False, num_classes=num_classes)
        self.loss = torch.nn.CrossEntropyLoss(label_smoothing=0.05)

    def forward(self, x):
        return self.model(x)

    def _shared(self, batch, name):
        x, y = batch
        logits = self(x)
        loss = self.loss(logits, y)
        acc = (logits.argmax(-1) == y).float().mean()
        self.log(f"{name}_loss", loss, on_step=False, on_epoch=True, prog_bar=True, batch_size=len(y))
        self.log(f"{name}_acc", acc, on_step=False, on_epoch=True, prog_bar=True, batch_size=len(y))
        return loss

    def training_step(self, batch, batch_idx):
        return self._shared(batch, "train")

    def validation_step(self, batch, batch_idx):
        self._shared(batch, "val")

    def configure_optimizers(self):
        o = self.hparams.optim
        optimizer = torch.optim.SGD(self.parameters(), lr=o["max_lr"], momentum=o["momentum"],
                                    weight_decay=o["weight_decay"], nesterov=True)
        scheduler = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, max_lr=o["max_lr"], total_steps=self.trainer.estimated_stepping_batches, pct_start=0.2)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "name": "lr"}}


def main(path):
    cfg = yaml.safe_load(open(path))
    L.seed_everything(cfg["seed"])
    norm = [v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Normalize([0.5] * 3, [0.25] * 3)]
    size = cfg["image_size"]
    train = CsvImages(cfg["data"], "train", v2.Compose([
        v2.RandomResizedCrop(size, scale=(0.7, 1.0), antialias=True), v2.RandomHorizontalFlip(), *norm]))
    val = CsvImages(cfg["data"], "valid", v2.Compose([v2.Resize((size, size), antialias=True), *norm]))
    trainer = L.Trainer(max_epochs=cfg["epochs"], accelerator="cpu", logger=False,
                        callbacks=[L.pytorch.callbacks.ModelCheckpoint(monitor="val_acc", mode="max", dirpath="pets_ckpt")])
    trainer.fit(LitTimm(len(train.classes), cfg["optim"]),
                DataLoader(train, cfg["batch_size"], shuffle=True, drop_last=True),
                DataLoader(val, cfg["batch_size"]))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else str(Path(__file__).with_name("config.yaml")))
