import pickle

import numpy as np


def read_batches(names):
    """Rows of 3072 numbers: 1024 red, 1024 green, 1024 blue -> (n, 32, 32, 3)."""
    rows, labels = [], []
    for name in names:
        with open(name, "rb") as f:
            d = pickle.load(f)
        rows.append(d["data"])
        labels.extend(d["labels"])
    x = np.concatenate(rows).reshape(-1, 3, 32, 32)
    return np.ascontiguousarray(np.moveaxis(x, 1, -1)), np.asarray(labels)
