import os
import sys

import tensorflow as tf
import yaml
from tensorflow import keras

from data import train_pipeline, val_pipeline
from model import resnet_small


def main(cfg_file="config.yaml"):
    with open(cfg_file) as f:
        cfg = yaml.safe_load(f)
    t = cfg["train"]
    keras.utils.set_random_seed(t["seed"])

    train_ds, steps = train_pipeline(cfg["data"], t["batch_size"])
    val_ds = val_pipeline(cfg["data"], t["batch_size"])

    model = resnet_small(cfg["data"]["crop"], len(cfg["data"]["classes"]))
    lr = keras.optimizers.schedules.CosineDecay(t["lr"], steps * t["epochs"])
    model.compile(
        optimizer=keras.optimizers.SGD(lr, momentum=t["momentum"], nesterov=True),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    model.summary(line_length=100)

    os.makedirs(cfg["out"], exist_ok=True)
    with open(os.path.join(cfg["out"], "config.yaml"), "w") as f:
        yaml.safe_dump(cfg, f)
    model.fit(
        train_ds,
        epochs=t["epochs"],
        validation_data=val_ds,
        callbacks=[
            keras.callbacks.TensorBoard(cfg["out"]),
            keras.callbacks.ModelCheckpoint(os.path.join(cfg["out"], "best.keras"),
                                            monitor="val_accuracy", mode="max", save_best_only=True),
        ],
        verbose=2,
    )


if __name__ == "__main__":
    print("TF", tf.__version__)
    main(*sys.argv[1:2])
