import random

import numpy as np
import torch
from torch.utils.data import IterableDataset, get_worker_info


class ShardStream(IterableDataset):
    """Lê os shards .npz um a um; no treino embaralha os shards e usa um buffer de mistura."""

    def __init__(self, files, transform, training, buffer=1000):
        self.files = list(files)
        self.transform = transform
        self.training = training
        self.buffer = buffer
        self.length = sum(len(np.load(f)["labels"]) for f in self.files)

    def __len__(self):
        return self.length

    def _raw(self, files):
        for f in files:
            with np.load(f) as z:
                images, labels = z["images"], z["labels"]
            for i in range(len(labels)):
                yield images[i], int(labels[i])

    def _mixed(self, stream):
        pool = []
        for item in stream:
            if len(pool) < self.buffer:
                pool.append(item)
                continue
            j = random.randrange(self.buffer)
            pool[j], item = item, pool[j]
            yield item
        random.shuffle(pool)
        yield from pool

    def __iter__(self):
        files = list(self.files)
        info = get_worker_info()
        if info is not None:
            files = files[info.id::info.num_workers]
        if self.training:
            random.shuffle(files)
        stream = self._raw(files)
        if self.training:
            stream = self._mixed(stream)
        for img, label in stream:
            x = torch.from_numpy(img).permute(2, 0, 1)
            yield self.transform(x), label
