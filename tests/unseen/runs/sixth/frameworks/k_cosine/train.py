"""Stamps: a flat folder of pictures and a csv with the group and the fold."""
import json
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
import keras
import numpy as np
import pandas as pd
from keras import layers

CONFIG = os.path.join(os.path.dirname(os.path.abspath(__file__)), "config.json")


def load_images(folder, names, size):
    out = np.empty((len(names), size, size, 3), dtype="uint8")
    for i, name in enumerate(names):
        img = keras.utils.load_img(os.path.join(folder, name), target_size=(size, size), interpolation="bilinear")
        out[i] = keras.utils.img_to_array(img).astype("uint8")
    return out


def make_model(cfg, n_classes, class_share):
    augment = keras.Sequential(
        [layers.RandomFlip("horizontal"), layers.RandomRotation(0.04, fill_mode="nearest"), layers.RandomContrast(0.15)],
        name="augment",
    )
    inputs = keras.Input((cfg["size"], cfg["size"], 3))
    x = augment(inputs)
    x = layers.Rescaling(1.0 / 255)(x)
    for i, width in enumerate(cfg["widths"]):
        x = layers.Conv2D(width, 3, padding="same", use_bias=False, kernel_initializer="he_normal")(x)
        x = layers.BatchNormalization()(x)
        x = layers.Activation("swish")(x)
        x = layers.MaxPooling2D()(x)
        if i > 1:
            x = layers.SpatialDropout2D(0.1)(x)
    x = layers.GlobalAveragePooling2D()(x)
    bias = keras.initializers.Constant(np.log(class_share))
    outputs = layers.Dense(n_classes, bias_initializer=bias)(x)
    return keras.Model(inputs, outputs)


def main():
    with open(CONFIG) as f:
        cfg = json.load(f)
    keras.utils.set_random_seed(cfg["seed"])
    table = pd.read_csv(cfg["table"])
    groups = sorted(table["group"].unique())
    y = table["group"].map(groups.index).to_numpy()
    x = load_images(cfg["images"], table["file"], cfg["size"])
    held = (table["fold"] == cfg["fold"]).to_numpy()
    x_train, y_train, x_val, y_val = x[~held], y[~held], x[held], y[held]
    share = np.bincount(y_train, minlength=len(groups)) / len(y_train)
    print(dict(zip(groups, np.bincount(y_train))), "held out:", held.sum())

    model = make_model(cfg, len(groups), share)
    schedule = keras.optimizers.schedules.CosineDecay(cfg["lr"], decay_steps=cfg["epochs"])
    model.compile(
        optimizer=keras.optimizers.AdamW(schedule, weight_decay=cfg["weight_decay"]),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[keras.metrics.SparseCategoricalAccuracy(name="acc")],
    )
    model.fit(
        x_train, y_train,
        batch_size=cfg["batch_size"],
        epochs=cfg["epochs"],
        validation_data=(x_val, y_val),
        class_weight={k: float(1 / (len(groups) * s)) for k, s in enumerate(share)},
        verbose=2,
    )


if __name__ == "__main__":
    main()
