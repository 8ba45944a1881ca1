"""Загрузка массивов и простая подготовка."""
import numpy as np


def load_split(folder, split):
    x = np.load(f"{folder}/x_{split}.npy")
    y = np.load(f"{folder}/y_{split}.npy")
    return x, y


def scale(x):
    return x.astype("float32") / 255.0


def shuffled(a, rng):
    """перемешать по первой оси"""
    return a[rng.permutation(len(a))]


def prepare(folder, n_classes, val_part=0.15, seed=0):
    rng = np.random.default_rng(seed)
    x, y = load_split(folder, "train")
    # в файле картинки могут лежать по порядку
    x = shuffled(x, rng)
    y = shuffled(y, rng)
    n_val = int(len(x) * val_part)
    onehot = np.eye(n_classes, dtype="float32")[y]
    x = scale(x)
    return (x[n_val:], onehot[n_val:]), (x[:n_val], onehot[:n_val])
