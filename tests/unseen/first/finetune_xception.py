# Faulty: C302: Adam with 0.05 on all layers of a pretrained Xception
"""Aircraft manufacturer from a photo (FGVC-Aircraft, 41 makers), tf.data + Xception."""
import argparse
import csv

import tensorflow as tf
from tensorflow import keras
from tensorflow.keras.applications import xception

AUTO = tf.data.AUTOTUNE
SIDE = 299


def read_list(path):
    names, ids = [], []
    with open(path, newline="") as fh:
        for row in csv.DictReader(fh):
            names.append("images/" + row["image"] + ".jpg")
            ids.append(int(row["maker_id"]))
    return names, ids


def parse(name, y):
    img = tf.image.decode_jpeg(tf.io.read_file(name), channels=3)
    img = img[:-20]                      # copyright banner
    img = tf.image.resize(img, (SIDE, SIDE))
    return img, y


def distort(img, y):
    img = tf.image.random_flip_left_right(img)
    img = tf.image.random_brightness(img, 20.0)
    img = tf.clip_by_value(img, 0.0, 255.0)
    return img, y


def finish(img, y):
    return xception.preprocess_input(img), y


def dataset(path, bs, train):
    names, ids = read_list(path)
    ds = tf.data.Dataset.from_tensor_slices((names, ids))
    if train:
        ds = ds.shuffle(len(names), reshuffle_each_iteration=True)
    ds = ds.map(parse, AUTO)
    if train:
        ds = ds.map(distort, AUTO)
    return ds.map(finish, AUTO).batch(bs).prefetch(AUTO)


def build():
    base = xception.Xception(weights="imagenet", include_top=False, pooling="avg",
                             input_shape=(SIDE, SIDE, 3))
    h = keras.layers.Dropout(0.4)(base.output)
    out = keras.layers.Dense(41, activation="softmax", name="maker")(h)
    model = keras.Model(base.input, out)
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=0.05),  # fault: C302
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy", keras.metrics.SparseTopKCategoricalAccuracy(k=3, name="top3")],
    )
    return model


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--train", default="trainval.csv")
    ap.add_argument("--val", default="test.csv")
    ap.add_argument("--batch", type=int, default=24)
    ap.add_argument("--epochs", type=int, default=35)
    a = ap.parse_args()

    keras.utils.set_random_seed(512)
    model = build()
    model.fit(
        dataset(a.train, a.batch, True),
        validation_data=dataset(a.val, a.batch, False),
        epochs=a.epochs,
        callbacks=[
            keras.callbacks.ModelCheckpoint("maker.keras", monitor="val_accuracy", save_best_only=True),
            keras.callbacks.TensorBoard("tb"),
        ],
    )


if __name__ == "__main__":
    main()
