#!/usr/bin/env python
"""Transport pictures on top of our own MobileNet-like backbone: head first, whole network later."""
import argparse
import json
import os
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
import keras
import tensorflow as tf
from keras import layers

from thaw import EpochLog, Thaw

AUTO = tf.data.AUTOTUNE


def get_args():
    p = argparse.ArgumentParser()
    p.add_argument("--root", default="transport")
    p.add_argument("--backbone", default="pretrained/mobile48.keras")
    p.add_argument("--epochs", type=int, default=60)
    p.add_argument("--thaw-at", type=int, default=4, help="epoch from which the backbone learns too")
    p.add_argument("--batch-size", type=int, default=32)
    p.add_argument("--lr", type=float, default=1e-3)
    p.add_argument("--seed", type=int, default=11)
    return p.parse_args()


def read(path, label):
    im = tf.io.decode_jpeg(tf.io.read_file(path), channels=3)
    im = tf.cast(im, tf.float32) / 127.5 - 1.0
    return tf.ensure_shape(im, (48, 48, 3)), label


def pipeline(root, names, classes, batch, train):
    paths = [str(root / n) for n in names]
    labels = [classes.index(n.split("/")[0]) for n in names]
    ds = tf.data.Dataset.from_tensor_slices((paths, labels))
    if train:
        ds = ds.shuffle(len(paths))
    return ds.map(read, num_parallel_calls=AUTO).batch(batch).prefetch(AUTO)


def build(backbone_file, n_classes):
    backbone = keras.models.load_model(backbone_file, compile=False)
    backbone.trainable = False
    inputs = keras.Input((48, 48, 3))
    x = layers.RandomFlip("horizontal")(inputs)
    x = layers.RandomTranslation(0.08, 0.08, fill_mode="reflect")(x)
    # statistics of the backbone stay those of its pre-training, also while it is fine-tuned
    x = backbone(x, training=False)
    x = layers.Dropout(0.2)(x)
    outputs = layers.Dense(n_classes)(x)
    return keras.Model(inputs, outputs), backbone


def main():
    args = get_args()
    keras.utils.set_random_seed(args.seed)
    root = Path(args.root)
    split = json.loads((root / "split.json").read_text())
    classes = sorted({n.split("/")[0] for n in split["train"]})
    train = pipeline(root, split["train"], classes, args.batch_size, True)
    val = pipeline(root, split["val"], classes, args.batch_size, False)

    model, backbone = build(args.backbone, len(classes))
    model.compile(
        optimizer=keras.optimizers.Adam(args.lr),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    model.fit(
        train, validation_data=val, epochs=args.epochs, verbose=0,
        callbacks=[Thaw(backbone, args.thaw_at, factor=0.3), EpochLog()],
    )


if __name__ == "__main__":
    main()
