import os

import cv2
import numpy as np
import tensorflow as tf

AUTOTUNE = tf.data.AUTOTUNE


def read_list(list_file, root, classes):
    index = {c: i for i, c in enumerate(classes)}
    paths, labels = [], []
    with open(list_file, encoding="utf-8") as f:
        for line in f:
            line = line.strip()
            if not line:
                continue
            rel, name = line.split("\t")
            paths.append(os.path.join(root, rel))
            labels.append(index[name])
    return paths, np.array(labels, np.int64)


def _imread(path, size):
    img = cv2.imread(path.numpy().decode("utf-8"), cv2.IMREAD_COLOR)
    img = cv2.cvtColor(img, cv2.COLOR_BGR2RGB)
    img = cv2.resize(img, (int(size), int(size)), interpolation=cv2.INTER_AREA)
    return img.astype(np.float32) / 255.0


def make_reader(size):
    def reader(path, label):
        img = tf.py_function(_imread, [path, size], tf.float32)
        img.set_shape((size, size, 3))
        return img, label
    return reader


def train_pipeline(cfg, batch_size):
    paths, labels = read_list(cfg["train_list"], cfg["root"], cfg["classes"])
    crop = cfg["crop"]

    def augment(img, label):
        img = tf.image.random_crop(img, (crop, crop, 3))
        img = tf.image.random_flip_left_right(img)
        return img, label

    ds = tf.data.Dataset.from_tensor_slices((paths, labels))
    ds = ds.shuffle(len(paths))
    ds = ds.map(make_reader(cfg["size"]), num_parallel_calls=AUTOTUNE)
    ds = ds.map(augment, num_parallel_calls=AUTOTUNE)
    ds = ds.batch(batch_size, drop_remainder=True).prefetch(AUTOTUNE)
    return ds, len(paths) // batch_size


def val_pipeline(cfg, batch_size):
    paths, labels = read_list(cfg["val_list"], cfg["root"], cfg["classes"])
    crop = cfg["crop"]

    def center(img, label):
        off = (cfg["size"] - crop) // 2
        return tf.image.crop_to_bounding_box(img, off, off, crop, crop), label

    ds = tf.data.Dataset.from_tensor_slices((paths, labels))
    ds = ds.map(make_reader(cfg["size"]), num_parallel_calls=AUTOTUNE)
    ds = ds.map(center, num_parallel_calls=AUTOTUNE)
    return ds.batch(batch_size).cache().prefetch(AUTOTUNE)
