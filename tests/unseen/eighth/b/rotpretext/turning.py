import numpy as np
from tensorflow.keras.utils import Sequence


class TurnedBatches(Sequence):
    """Every picture is turned by 0, 90, 180 or 270 degrees, the number of quarter turns is its label."""

    def __init__(self, pictures, batch):
        self.pictures = pictures
        self.batch = batch
        self.order = np.random.permutation(len(pictures))

    def __len__(self):
        return len(self.pictures) // self.batch

    def __getitem__(self, i):
        chosen = np.sort(self.order[i * self.batch:(i + 1) * self.batch])
        block = self.pictures[chosen].astype("float32") / 255.0
        turns = np.random.randint(0, 4, size=len(block))
        block = np.stack([np.rot90(p, k) for p, k in zip(block, turns)])
        return block, turns

    def on_epoch_end(self):
        np.random.shuffle(self.order)
