import math
import os

import keras
import numpy as np
from PIL import Image


class CatalogSequence(keras.utils.PyDataset):
    """Batches of grey pictures (0 to 1) and one-hot rows from a table of file names and labels."""

    def __init__(self, table, folder, num_classes, batch_size=32, size=(28, 28), shuffle=False, augment=False,
                 seed=0, **kwargs):
        super().__init__(**kwargs)
        self.folder = folder
        self.files = table["filename"].tolist()
        self.targets = keras.utils.to_categorical(table["label"].to_numpy(), num_classes)
        self.batch_size = batch_size
        self.size = size
        self.shuffle = shuffle
        self.augment = augment
        self.rng = np.random.default_rng(seed)
        self.order = np.arange(len(self.files))
        self.on_epoch_end()

    def __len__(self):
        return math.ceil(len(self.files) / self.batch_size)

    def on_epoch_end(self):
        if self.shuffle:
            self.rng.shuffle(self.order)

    def read(self, name):
        with Image.open(os.path.join(self.folder, name)) as im:
            im = im.convert("L")
            if im.size != self.size:
                im = im.resize(self.size, Image.BILINEAR)
            return np.asarray(im, dtype=np.float32) / 255.0

    def jitter(self, x):
        if self.rng.random() < 0.5:
            x = x[:, ::-1]
        dy, dx = self.rng.integers(-2, 3, size=2)
        padded = np.pad(x, 2)
        x = padded[2 + dy:2 + dy + self.size[1], 2 + dx:2 + dx + self.size[0]]
        return np.clip(x * self.rng.uniform(0.85, 1.15), 0.0, 1.0)

    def __getitem__(self, index):
        start = index * self.batch_size
        stop = min(start + self.batch_size, len(self.files))
        x = np.zeros((stop - start, self.size[1], self.size[0], 1), dtype=np.float32)
        for k, i in enumerate(self.order[start:stop]):
            picture = self.read(self.files[i])
            x[k, :, :, 0] = self.jitter(picture) if self.augment else picture
        return x, self.targets[start:stop]
