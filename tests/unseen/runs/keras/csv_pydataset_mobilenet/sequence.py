import math
import os

import numpy as np
import pandas as pd
from PIL import Image
from keras.utils import PyDataset


class CsvSequence(PyDataset):
    def __init__(self, csv, images, classes, batch_size, size, preprocess, augment=False, shuffle=False, seed=None, **kw):
        super().__init__(**kw)
        table = pd.read_csv(csv)
        self.files = [os.path.join(images, f) for f in table["filename"]]
        self.labels = table["label"].map({c: i for i, c in enumerate(classes)}).to_numpy("int32")
        self.batch_size, self.size = batch_size, size
        self.preprocess, self.augment, self.shuffle = preprocess, augment, shuffle
        self.rng = np.random.default_rng(seed)
        self.order = np.arange(len(self.files))
        self.on_epoch_end()

    def __len__(self):
        return math.ceil(len(self.files) / self.batch_size)

    def on_epoch_end(self):
        if self.shuffle:
            self.rng.shuffle(self.order)

    def __getitem__(self, k):
        ids = self.order[k * self.batch_size:(k + 1) * self.batch_size]
        batch = np.empty((len(ids), self.size, self.size, 3), "float32")
        for row, i in enumerate(ids):
            im = Image.open(self.files[i]).convert("RGB").resize((self.size, self.size), Image.BILINEAR)
            if self.augment and self.rng.random() < 0.5:
                im = im.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
            batch[row] = im
        return self.preprocess(batch), self.labels[ids]
