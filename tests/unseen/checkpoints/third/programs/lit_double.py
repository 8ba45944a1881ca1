#!/usr/bin/env python
"""Runs the survey network over its held-out folders with a Lightning trainer."""
import logging
import warnings
from pathlib import Path

import lightning as L
import torch
from torch import nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import v2
from PIL import Image

warnings.filterwarnings("ignore")
logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
HELDOUT = Path("data/survey/heldout")
SPECIES = [3, 8, 12, 21, 100, 140]

##NET TrailNet##

class Trail(L.LightningModule):
    def __init__(self, lr=3e-3):
        super().__init__()
        self.save_hyperparameters()
        self.net = TrailNet()
        self.register_buffer("mean", torch.zeros(1, 3, 1, 1))
        self.register_buffer("std", torch.ones(1, 3, 1, 1))
        self.right = self.total = 0

    def forward(self, x):
        return self.net((x - self.mean) / self.std)

    def test_step(self, batch, batch_idx):
        x, y = batch
        self.right += int((self(x).argmax(dim=1) == y).sum())
        self.total += len(y)


class Survey(Dataset):
    steps = v2.Compose([
        v2.PILToTensor(),
        v2.CenterCrop(40),
        v2.ToDtype(torch.float32, scale=True),@@A@@
    ])

    def __init__(self, root):
        self.items = [(p, k) for k, s in enumerate(SPECIES) for p in sorted((root / str(s)).glob("*.png"))]

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        path, k = self.items[i]
        return self.steps(Image.open(path).convert("RGB")), k


if __name__ == "__main__":
    module = Trail.load_from_checkpoint(Path(__file__).with_name("trail.ckpt"), map_location="cpu")
    trainer = L.Trainer(accelerator="cpu", logger=False, enable_progress_bar=False, enable_model_summary=False)
    trainer.test(module, DataLoader(Survey(HELDOUT), batch_size=90), verbose=False)
    print("held-out accuracy: {:.2%}".format(module.right / module.total))
