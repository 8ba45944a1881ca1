"""Lightning with manual optimisation: encoder and classifier have an optimizer each, the encoder starts frozen."""
import copy
import glob
import os

import lightning as L
import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset
from torchvision.models import resnet18

KINDS = ("bird", "cat", "deer", "dog", "frog", "horse")
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
STD = np.array([0.229, 0.224, 0.225], np.float32)


class Named(Dataset):
    def __init__(self, files, augment):
        self.files, self.augment = files, augment

    def __len__(self):
        return len(self.files)

    def __getitem__(self, i):
        im = Image.open(self.files[i]).convert("RGB").resize((64, 64), Image.BILINEAR)
        a = (np.asarray(im, np.float32) / 255 - MEAN) / STD
        if self.augment and torch.rand(1).item() < 0.5:
            a = a[:, ::-1]
        return torch.from_numpy(a.transpose(2, 0, 1).copy()), KINDS.index(os.path.basename(self.files[i]).split("_")[0])


class Thaw(L.LightningModule):
    def __init__(self, weights, thaw_at=2, ema=0.98):
        super().__init__()
        self.automatic_optimization = False
        self.thaw_at, self.ema = thaw_at, ema
        self.encoder = resnet18(num_classes=10)
        state = torch.load(weights)
        self.encoder.load_state_dict(state)
        self.encoder.fc = nn.Identity()
        self.classifier = nn.Sequential(nn.LayerNorm(512), nn.Linear(512, len(KINDS)))
        self.encoder.requires_grad_(False)
        self.mean_encoder = copy.deepcopy(self.encoder)
        self.mean_classifier = copy.deepcopy(self.classifier).requires_grad_(False)
        self.hits = self.seen = 0

    def configure_optimizers(self):
        return (torch.optim.SGD(self.encoder.parameters(), 0.003, momentum=0.9, weight_decay=5e-4),
                torch.optim.AdamW(self.classifier.parameters(), 1e-3, weight_decay=0.01))

    def on_train_epoch_start(self):
        if self.current_epoch == self.thaw_at:
            self.encoder.requires_grad_(True)
        self.encoder.train(self.current_epoch >= self.thaw_at)
        self.mean_encoder.eval()
        self.mean_classifier.eval()

    def training_step(self, batch, _):
        x, y = batch
        enc, cls = self.optimizers()
        loss = F.cross_entropy(self.classifier(self.encoder(x)), y, reduction="sum") / len(y)
        enc.zero_grad()
        cls.zero_grad()
        self.manual_backward(loss)
        cls.step()
        if self.current_epoch >= self.thaw_at:
            enc.step()
        self.average()
        self.log("loss", loss, prog_bar=True)

    @torch.no_grad()
    def average(self):
        for m, s in ((self.mean_encoder, self.encoder), (self.mean_classifier, self.classifier)):
            for a, b in zip(m.state_dict().values(), s.state_dict().values()):
                if a.is_floating_point():
                    a.lerp_(b, 1 - self.ema)
                else:
                    a.copy_(b)

    def validation_step(self, batch, _):
        x, y = batch
        z = self.mean_classifier(self.mean_encoder(x))
        self.hits += (z.argmax(1) == y).sum().item()
        self.seen += len(y)

    def on_validation_epoch_end(self):
        print(f"\nepoch {self.current_epoch}: averaged model {self.hits / self.seen:.3f}")
        self.hits = self.seen = 0


if __name__ == "__main__":
    L.seed_everything(5)
    files = sorted(glob.glob("named/*.jpg"))
    held = set(files[::5])
    train = DataLoader(Named([f for f in files if f not in held], True), 32, shuffle=True, drop_last=True)
    valid = DataLoader(Named(sorted(held), False), 60)
    L.Trainer(max_epochs=40, accelerator="cpu", logger=False, enable_checkpointing=False,
              num_sanity_val_steps=0).fit(Thaw("weights/resnet18_small.pth"), train, valid)
