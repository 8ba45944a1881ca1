import os

import pandas as pd
import tensorflow as tf

SIDE = 192


def _decode(path, label):
    sheet = tf.io.decode_jpeg(tf.io.read_file(path), channels=3)
    sheet = tf.image.resize(sheet, (SIDE, SIDE))
    return sheet / 255.0, label


def _mirror(sheet, label):
    return tf.image.random_flip_left_right(sheet), label


def sheets(root, table, batch, training):
    rows = pd.read_csv(os.path.join(root, table))          # file, family
    paths = [os.path.join(root, f) for f in rows["file"]]
    ds = tf.data.Dataset.from_tensor_slices((paths, rows["family"].to_numpy("int32")))
    if training:
        ds = ds.shuffle(len(rows))
    ds = ds.map(_decode, num_parallel_calls=tf.data.AUTOTUNE)
    if training:
        ds = ds.map(_mirror, num_parallel_calls=tf.data.AUTOTUNE)
    return ds.batch(batch).prefetch(tf.data.AUTOTUNE), len(rows)
