import argparse
import json
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import pandas as pd
from keras import layers, regularizers

from catalog import CatalogSequence

NAMES = ["top", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot"]


def conv(x, filters, decay, stride=1):
    x = layers.Conv2D(
        filters, 3, strides=stride, padding="same", use_bias=False, kernel_initializer="he_normal",
        kernel_regularizer=regularizers.l2(decay),
    )(x)
    x = layers.BatchNormalization(momentum=0.9)(x)
    return layers.ReLU()(x)


def build(decay):
    inputs = keras.Input((28, 28, 1), name="picture")
    x = layers.Normalization(axis=None, mean=0.2860, variance=0.3530**2)(inputs)
    for filters in (32, 64, 128):
        x = conv(x, filters, decay)
        x = conv(x, filters, decay)
        x = layers.MaxPooling2D()(x)
    x = layers.Flatten()(x)
    x = layers.Dropout(0.3)(x)
    x = layers.Dense(128, activation="relu", kernel_regularizer=regularizers.l2(decay))(x)
    x = layers.Dropout(0.3)(x)
    outputs = layers.Dense(len(NAMES), activation="softmax", name="category")(x)
    return keras.Model(inputs, outputs)


def parse_args():
    p = argparse.ArgumentParser()
    p.add_argument("--root", default="catalog")
    p.add_argument("--epochs", type=int, default=40)
    p.add_argument("--batch-size", type=int, default=32)
    p.add_argument("--lr", type=float, default=1e-3)
    p.add_argument("--decay", type=float, default=1e-4)
    p.add_argument("--out", default="runs/catalog")
    return p.parse_args()


def main():
    args = parse_args()
    keras.utils.set_random_seed(123)
    os.makedirs(args.out, exist_ok=True)

    tables = {s: pd.read_csv(os.path.join(args.root, f"{s}.csv")) for s in ("train", "valid")}
    for name, table in tables.items():
        print(name, len(table), table["label"].value_counts().sort_index().tolist())
    common = dict(folder=os.path.join(args.root, "pics"), num_classes=len(NAMES))
    train = CatalogSequence(tables["train"], batch_size=args.batch_size, shuffle=True, augment=True, seed=1, **common)
    valid = CatalogSequence(tables["valid"], batch_size=100, **common)

    model = build(args.decay)
    model.summary()
    model.compile(
        optimizer=keras.optimizers.Adam(args.lr),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.05),
        metrics=["accuracy", keras.metrics.TopKCategoricalAccuracy(3, name="top3")],
        jit_compile=False,
    )
    callbacks = [
        keras.callbacks.ModelCheckpoint(os.path.join(args.out, "best.keras"), monitor="val_accuracy", save_best_only=True),
        keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.5, patience=4, min_lr=1e-5, verbose=1),
        keras.callbacks.CSVLogger(os.path.join(args.out, "log.csv")),
    ]
    history = model.fit(train, validation_data=valid, epochs=args.epochs, callbacks=callbacks)
    with open(os.path.join(args.out, "history.json"), "w") as f:
        json.dump({k: [float(x) for x in v] for k, v in history.history.items()}, f)

    best = keras.models.load_model(os.path.join(args.out, "best.keras"))
    guess = best.predict(valid).argmax(axis=1)
    truth = tables["valid"]["label"].to_numpy()
    print("accuracy", np.mean(guess == truth))
    for i, name in enumerate(NAMES):
        print(f"  {name:10s} {np.mean(guess[truth == i] == i):.3f}")


if __name__ == "__main__":
    main()
