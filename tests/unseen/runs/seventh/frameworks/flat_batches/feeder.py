from pathlib import Path

import keras
import numpy as np
from PIL import Image


class FolderFeeder(keras.utils.PyDataset):
    """Serves batches of images named CLASS_NUMBER.png; training batches come in a new order every epoch."""

    def __init__(self, folder, classes, batch_size, training=False, seed=0, **kwargs):
        super().__init__(**kwargs)
        self.classes, self.training = classes, training
        self.rng = np.random.default_rng(seed)
        files = sorted(Path(folder).glob("*.png"))
        self.batches = [files[i:i + batch_size] for i in range(0, len(files), batch_size)]
        self.on_epoch_end()

    def __len__(self):
        return len(self.batches)

    def on_epoch_end(self):
        if self.training:
            order = self.rng.permutation(len(self.batches))
            self.batches = [self.batches[i] for i in order]

    def jitter(self, im):
        if self.rng.random() < 0.5:
            im = im[:, ::-1]
        dy, dx = self.rng.integers(-3, 4, 2)
        return np.roll(im, (dy, dx), (0, 1))

    def __getitem__(self, index):
        xs, ys = [], []
        for f in self.batches[index]:
            im = np.asarray(Image.open(f).convert("RGB"), np.float32) / 255.0
            xs.append(self.jitter(im) if self.training else im)
            ys.append(self.classes.index(f.name.rsplit("_", 1)[0]))
        return np.stack(xs), np.asarray(ys, np.int32)
