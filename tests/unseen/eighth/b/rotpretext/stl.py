"""The arrays that export_stl.py wrote: uint8, (n, 96, 96, 3); labels 1..10 as in the original files."""
import numpy as np


def unlabelled():
    return np.load("stl10/unlabeled_X.npy", mmap_mode="r")


def labelled(part):
    x = np.load(f"stl10/{part}_X.npy").astype("float32") / 255.0
    y = np.load(f"stl10/{part}_y.npy").astype("int64") - 1
    return x, y
