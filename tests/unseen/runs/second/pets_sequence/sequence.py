import math
import os

import keras
import numpy as np
from PIL import Image


class PetSequence(keras.utils.PyDataset):
    """Batches from a flat folder; the class is the part of the name before the underscore."""

    def __init__(self, folder, files, classes, batch_size, size, train, seed=0, **kw):
        super().__init__(**kw)
        self.folder, self.files, self.classes = folder, np.array(files), classes
        self.batch_size, self.size, self.train = batch_size, size, train
        self.rng = np.random.default_rng(seed)
        self.order = np.arange(len(self.files))
        self.on_epoch_end()

    def __len__(self):
        return math.ceil(len(self.files) / self.batch_size)

    def on_epoch_end(self):
        if self.train:
            self.rng.shuffle(self.order)

    def __getitem__(self, b):
        idx = self.order[b * self.batch_size:(b + 1) * self.batch_size]
        x = np.zeros((len(idx), self.size, self.size, 3), "float32")
        y = np.zeros((len(idx), len(self.classes)), "float32")
        for k, i in enumerate(idx):
            name = self.files[i]
            img = Image.open(os.path.join(self.folder, name)).convert("RGB")
            a = np.asarray(img.resize((self.size, self.size), Image.BICUBIC), "float32") / 255.0
            if self.train and self.rng.random() < 0.5:
                a = a[:, ::-1]
            x[k] = a
            y[k, self.classes.index(name.split("_")[0])] = 1.0
        return x, y
