"""One trunk, two answers: which of ten things it is and whether it lives."""
import os

os.environ["KERAS_BACKEND"] = "torch"

import argparse
from pathlib import Path

import keras
import numpy as np
import yaml
from keras import layers, ops

from data import Batches


class WarmCosine(keras.optimizers.schedules.LearningRateSchedule):
    def __init__(self, peak, warm, total):
        self.peak, self.warm, self.total = peak, warm, total

    def __call__(self, step):
        step = ops.cast(step, "float32")
        up = step / self.warm
        down = 0.5 * (1 + ops.cos(np.pi * ops.minimum(1.0, (step - self.warm) / (self.total - self.warm))))
        return self.peak * ops.where(step < self.warm, up, down)

    def get_config(self):
        return {"peak": self.peak, "warm": self.warm, "total": self.total}


def unit(x, filters, name, stride=1):
    y = layers.BatchNormalization(name=name + "_bn1")(x)
    y = layers.Activation("relu")(y)
    short = x
    if stride > 1 or x.shape[-1] != filters:
        short = layers.Conv2D(filters, 1, strides=stride, use_bias=False, name=name + "_short")(y)
    y = layers.Conv2D(filters, 3, strides=stride, padding="same", use_bias=False, name=name + "_conv1")(y)
    y = layers.BatchNormalization(name=name + "_bn2")(y)
    y = layers.Activation("relu")(y)
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False, name=name + "_conv2")(y)
    return layers.add([short, y])


def two_headed(cfg, adapt_on):
    pictures = keras.Input((32, 32, 3), name="pictures")
    norm = layers.Normalization(axis=-1, name="pixels")
    norm.adapt(adapt_on)
    x = norm(pictures)
    x = layers.Conv2D(cfg["width"], 3, padding="same", use_bias=False, name="stem")(x)
    for k, factor in enumerate((1, 2, 4)):
        x = unit(x, cfg["width"] * factor, f"unit{k}", stride=1 if k == 0 else 2)
    x = layers.BatchNormalization(name="last_bn")(x)
    x = layers.Activation("relu")(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(cfg["dropout"])(x)
    species = layers.Dense(cfg["classes"], activation="softmax", name="species")(x)
    alive = layers.Dense(1, activation="sigmoid", name="alive")(x)
    return keras.Model(pictures, {"species": species, "alive": alive})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", default=str(Path(__file__).parent / "twohead.yaml"))
    cfg = yaml.safe_load(Path(parser.parse_args().config).read_text())
    keras.utils.set_random_seed(cfg["seed"])

    archive = np.load(cfg["archive"])
    train = Batches(archive, "train", cfg["batch"], augment=True, seed=cfg["seed"])
    valid = Batches(archive, "val", 100)

    model = two_headed(cfg, archive["train_images"][::4].astype("float32"))
    steps = len(train)
    model.compile(
        optimizer=keras.optimizers.SGD(WarmCosine(cfg["rate"], 2 * steps, cfg["epochs"] * steps), momentum=0.9,
                                       nesterov=True, weight_decay=cfg["decay"]),
        loss={"species": keras.losses.CategoricalCrossentropy(label_smoothing=cfg["smoothing"]),
              "alive": keras.losses.BinaryCrossentropy()},
        loss_weights={"species": 1.0, "alive": cfg["alive_weight"]},
        metrics={"species": "categorical_accuracy", "alive": "binary_accuracy"},
    )
    print(f"{model.count_params()} weights, {steps} steps an epoch")
    out = Path(cfg["out"])
    out.mkdir(exist_ok=True)
    model.fit(train, validation_data=valid, epochs=cfg["epochs"], verbose=2, callbacks=[
        keras.callbacks.ModelCheckpoint(out / "best.weights.h5", monitor="val_species_categorical_accuracy", mode="max",
                                        save_best_only=True, save_weights_only=True),
        keras.callbacks.CSVLogger(out / "log.csv"),
        keras.callbacks.TerminateOnNaN(),
    ])
    model.load_weights(out / "best.weights.h5")
    print(model.evaluate(valid, verbose=0, return_dict=True))


if __name__ == "__main__":
    main()
