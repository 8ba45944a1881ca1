import glob
import io
import os
import random
import tarfile

import torch
from PIL import Image
from torch.utils.data import IterableDataset
from torchvision.transforms import functional as TF


class Stream(IterableDataset):
    """pairs KEY.jpg, KEY.cls from tar files; shards and a buffer are shuffled for training"""

    def __init__(self, pattern, train, buffer=500, seed=0):
        self.shards, self.train, self.buffer, self.seed = sorted(glob.glob(pattern)), train, buffer, seed
        self.turn = 0

    def pairs(self, shards):
        for shard in shards:
            with tarfile.open(shard) as t:
                parts = {}
                for member in t:
                    key, ending = os.path.splitext(member.name)
                    parts[ending] = t.extractfile(member).read()
                    if len(parts) == 2:
                        yield parts[".jpg"], int(parts[".cls"])
                        parts = {}

    def shuffled(self, source, rng):
        held = []
        for item in source:
            if len(held) < self.buffer:
                held.append(item)
                continue
            k = rng.randrange(self.buffer)
            held[k], item = item, held[k]
            yield item
        rng.shuffle(held)
        yield from held

    def __iter__(self):
        rng = random.Random(self.seed * 1000 + self.turn)
        self.turn += 1
        shards = list(self.shards)
        if self.train:
            rng.shuffle(shards)
        source = self.pairs(shards)
        for jpg, label in (self.shuffled(source, rng) if self.train else source):
            x = TF.to_tensor(Image.open(io.BytesIO(jpg)).convert("RGB"))
            if self.train:
                if rng.random() < 0.5:
                    x = TF.hflip(x)
                x = TF.pad(x, 2, padding_mode="edge")
                x = TF.crop(x, rng.randint(0, 4), rng.randint(0, 4), 32, 32)
            yield x.sub_(0.47).div_(0.25), label
