import io
import random

import numpy as np
import pyarrow.parquet as pq
import torch
from PIL import Image
from torch.utils.data import IterableDataset


class ParquetStream(IterableDataset):
    """Reads the file row group by row group (here: pieces of 100 rows), mixed through a buffer as large as the file."""

    def __init__(self, file, names, training, buffer=2000):
        self.file, self.names, self.training, self.buffer = file, names, training, buffer
        self.epoch = 0

    def rows(self):
        for piece in pq.ParquetFile(self.file).iter_batches(batch_size=100):
            yield from zip(piece["image"].to_pylist(), piece["category"].to_pylist())

    def mixed(self):
        rng, held = random.Random(1000 + self.epoch), []
        for row in self.rows():
            held.append(row)
            if len(held) > self.buffer:
                k = rng.randrange(len(held))
                held[k], held[-1] = held[-1], held[k]
                yield held.pop()
        rng.shuffle(held)
        yield from held

    def __iter__(self):
        rng = np.random.default_rng([7, self.epoch])
        source = self.mixed() if self.training else self.rows()
        self.epoch += 1
        for raw, name in source:
            a = np.asarray(Image.open(io.BytesIO(raw)).convert("RGB"), np.float32).transpose(2, 0, 1) / 255
            if self.training:
                a = a[:, :, ::-1] if rng.random() < 0.5 else a
                a = np.clip(a * rng.uniform(0.8, 1.2), 0, 1)
            target = torch.zeros(len(self.names))
            target[self.names.index(name)] = 1.0
            yield torch.from_numpy(a.copy()), target
