import os

import numpy as np
import tensorflow as tf
from keras.applications.vgg16 import preprocess_input
from PIL import Image

IMAGENET_MEAN = np.array([123.68, 116.779, 103.939], dtype="float32")


def list_files(root):
    classes = sorted(d for d in os.listdir(root) if os.path.isdir(os.path.join(root, d)))
    train, val = [], []
    for k, c in enumerate(classes):
        for j, f in enumerate(sorted(os.listdir(os.path.join(root, c)))):
            (val if j % 5 == 4 else train).append((os.path.join(root, c, f), k))
    return train, val, classes


def train_dataset(samples, size, batch):
    paths, labels = zip(*samples)

    def load(path, label):
        img = tf.io.decode_jpeg(tf.io.read_file(path), channels=3)
        img = tf.image.resize(img, (size, size))
        img = tf.image.random_flip_left_right(img)
        return preprocess_input(img), label

    ds = tf.data.Dataset.from_tensor_slices((list(paths), list(labels)))
    ds = ds.shuffle(len(paths), reshuffle_each_iteration=True)
    return ds.map(load, num_parallel_calls=2).batch(batch).prefetch(2)


def val_arrays(samples, size):
    """Validation pictures are read once and kept as arrays."""
    x = np.empty((len(samples), size, size, 3), dtype="float32")
    y = np.empty(len(samples), dtype="int64")
    for i, (path, label) in enumerate(samples):
        img = Image.open(path).convert("RGB").resize((size, size), Image.BILINEAR)
        x[i] = np.asarray(img, dtype="float32") - IMAGENET_MEAN
        y[i] = label
    return x, y
