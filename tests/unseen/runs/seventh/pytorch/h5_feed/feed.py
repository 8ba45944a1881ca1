import h5py
import numpy as np
import torch
from torch.utils.data import BatchSampler, DataLoader, Dataset, RandomSampler, SequentialSampler


class H5Batches(Dataset):
    """Reads a whole batch with one access: an index is a list of rows.

    h5py wants the rows of a selection in increasing order."""

    def __init__(self, path, part):
        self.path, self.part = path, part
        with h5py.File(path, "r") as f:
            self.target = f[part]["target"][:]
        self._file = None

    @property
    def pixels(self):
        if self._file is None:
            self._file = h5py.File(self.path, "r")
        return self._file[self.part]["pixels"]

    def __len__(self):
        return len(self.target)

    def __getitem__(self, rows):
        rows = np.asarray(rows)
        x = self.pixels[np.sort(rows)]
        y = self.target[rows]
        x = torch.from_numpy(x).permute(0, 3, 1, 2).float().div_(127.5).sub_(1.0)
        return x, torch.from_numpy(y)


def feed(path, part, batch, shuffle):
    data = H5Batches(path, part)
    order = RandomSampler(data) if shuffle else SequentialSampler(data)
    return DataLoader(data, sampler=BatchSampler(order, batch, drop_last=shuffle), batch_size=None)
