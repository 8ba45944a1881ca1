import math
import os
import random
import sys

import numpy as np
import tensorflow as tf
import yaml
from tensorflow.keras.applications.resnet_v2 import ResNet50V2, preprocess_input

AUTO = tf.data.AUTOTUNE


def read_config(path):
    with open(path) as fh:
        return yaml.safe_load(fh)


def scan(folder, names):
    files, targets = [], []
    for index, name in enumerate(names):
        inside = os.path.join(folder, name)
        for entry in sorted(os.listdir(inside)):
            if entry.lower().endswith((".jpg", ".jpeg")):
                files.append(os.path.join(inside, entry))
                targets.append(index)
    return files, targets


def pipeline(files, targets, cfg, training):
    resize, crop = cfg["resize"], cfg["crop"]

    def load(file, target):
        img = tf.io.decode_jpeg(tf.io.read_file(file), channels=3)
        img = tf.image.resize(img, (resize, resize))
        if training:
            img = tf.image.random_crop(img, (crop, crop, 3))
            img = tf.image.random_flip_left_right(img)
        else:
            img = tf.image.resize_with_crop_or_pad(img, crop, crop)
        return preprocess_input(img), target

    ds = tf.data.Dataset.from_tensor_slices((files, targets))
    if training:
        ds = ds.shuffle(len(files))
    return ds.map(load, num_parallel_calls=AUTO).batch(cfg["batch"]).prefetch(AUTO)


def make_model(cfg):
    side = cfg["crop"]
    net = ResNet50V2(include_top=False, weights="imagenet", input_shape=(side, side, 3))
    image = tf.keras.Input(shape=(side, side, 3), name="image")
    x = net(image, training=True)  # fault: C334
    x = tf.keras.layers.GlobalAveragePooling2D()(x)
    x = tf.keras.layers.Dropout(0.2)(x)
    logits = tf.keras.layers.Dense(cfg["classes"])(x)
    return tf.keras.Model(image, logits)


def run(cfg):
    random.seed(cfg["seed"])
    np.random.seed(cfg["seed"])
    tf.random.set_seed(cfg["seed"])

    root = cfg["data"]["root"]
    names = sorted(d for d in os.listdir(os.path.join(root, "train")) if not d.startswith("."))
    assert len(names) == cfg["data"]["classes"], names

    train_files, train_targets = scan(os.path.join(root, "train"), names)
    valid_files, valid_targets = scan(os.path.join(root, "valid"), names)
    train = pipeline(train_files, train_targets, cfg["data"], True)
    valid = pipeline(valid_files, valid_targets, cfg["data"], False)

    per_epoch = math.ceil(len(train_files) / cfg["data"]["batch"])
    lr = tf.keras.optimizers.schedules.CosineDecay(
        cfg["optim"]["lr"], decay_steps=per_epoch * cfg["optim"]["epochs"]
    )
    model = make_model(cfg["data"])
    model.compile(
        optimizer=tf.keras.optimizers.SGD(lr, momentum=cfg["optim"]["momentum"], nesterov=True),
        loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[
            tf.keras.metrics.SparseCategoricalAccuracy("top1"),
            tf.keras.metrics.SparseTopKCategoricalAccuracy(5, "top5"),
        ],
    )
    os.makedirs(cfg["out"], exist_ok=True)
    model.fit(
        train,
        validation_data=valid,
        epochs=cfg["optim"]["epochs"],
        callbacks=[
            tf.keras.callbacks.ModelCheckpoint(
                os.path.join(cfg["out"], "best.weights.h5"),
                monitor="val_top1",
                mode="max",
                save_best_only=True,
                save_weights_only=True,
            ),
            tf.keras.callbacks.TerminateOnNaN(),
        ],
    )


if __name__ == "__main__":
    here = os.path.dirname(os.path.abspath(__file__))
    run(read_config(sys.argv[1] if len(sys.argv) > 1 else os.path.join(here, "config.yaml")))
