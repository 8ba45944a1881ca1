import gzip
import struct

import numpy as np


def read_idx(path):
    with gzip.open(path, "rb") as f:
        _, _, dims = struct.unpack(">HBB", f.read(4))
        shape = struct.unpack(">" + "I" * dims, f.read(4 * dims))
        return np.frombuffer(f.read(), dtype=np.uint8).reshape(shape)


def load(root):
    x = read_idx(f"{root}/train-images-idx3-ubyte.gz")
    y = read_idx(f"{root}/train-labels-idx1-ubyte.gz")
    xt = read_idx(f"{root}/t10k-images-idx3-ubyte.gz")
    yt = read_idx(f"{root}/t10k-labels-idx1-ubyte.gz")
    prep = lambda a: (a.astype("float32") / 255.0)[..., None]
    return (prep(x), y.astype("int32")), (prep(xt), yt.astype("int32"))
