import math
import os

import keras
import numpy as np
from PIL import Image, ImageOps


class PetSequence(keras.utils.PyDataset):
    """Reads pictures from disk batch by batch."""

    def __init__(self, files, labels, folder, batch_size=32, size=48, training=False, **kw):
        super().__init__(**kw)
        self.files = list(files)
        self.labels = np.asarray(labels, dtype="int64")
        self.folder = folder
        self.batch_size = batch_size
        self.size = size
        self.training = training
        self.rng = np.random.default_rng(17)
        self.on_epoch_end()

    def __len__(self):
        return math.ceil(len(self.files) / self.batch_size)

    def on_epoch_end(self):
        self.order = np.arange(len(self.files))
        if self.training:
            self.rng.shuffle(self.order)

    def _read(self, name):
        img = Image.open(os.path.join(self.folder, name)).convert("RGB")
        if img.size != (self.size, self.size):
            img = img.resize((self.size, self.size), Image.BILINEAR)
        if self.training and self.rng.random() < 0.5:
            img = ImageOps.mirror(img)
        return np.asarray(img, dtype="float32") / 255.0

    def __getitem__(self, idx):
        lo = idx * self.batch_size
        hi = min(lo + self.batch_size, len(self.files))
        batch = [self.files[i] for i in self.order[lo:hi]]
        x = np.stack([self._read(name) for name in batch])
        y = self.labels[lo:hi]
        return x, y
