import keras
import numpy as np


class Batches(keras.utils.PyDataset):
    """Batches of (pictures, {"species": one-hot, "alive": 0 or 1}) out of an npz file."""

    def __init__(self, archive, split, batch_size, augment=False, seed=0, **kwargs):
        super().__init__(**kwargs)
        self.x = archive[f"{split}_images"]
        self.species = archive[f"{split}_class"].astype("int64")
        self.alive = archive[f"{split}_group"].astype("float32")
        self.classes = len(archive["names"])
        self.batch_size, self.augment = batch_size, augment
        self.rng = np.random.default_rng(seed)
        self.order = np.arange(len(self.x))
        if augment:
            self.rng.shuffle(self.order)

    def __len__(self):
        return -(-len(self.x) // self.batch_size)

    def on_epoch_end(self):
        if self.augment:
            self.rng.shuffle(self.order)

    def jitter(self, x):
        n, h, w, _ = x.shape
        out = np.empty_like(x)
        padded = np.pad(x, ((0, 0), (4, 4), (4, 4), (0, 0)), mode="reflect")
        for k, (top, left, flip) in enumerate(zip(*self.rng.integers(0, [[9], [9], [2]], (3, n)))):
            piece = padded[k, top:top + h, left:left + w]
            out[k] = piece[:, ::-1] if flip else piece
        return out

    def __getitem__(self, i):
        pick = self.order[i * self.batch_size:(i + 1) * self.batch_size]
        x = self.x[pick].astype("float32")
        if self.augment:
            x = self.jitter(x)
        return x, {"species": np.eye(self.classes, dtype="float32")[self.species[pick]],
                   "alive": self.alive[pick, None]}
