#!/usr/bin/env python
"""Which part of the car is in the photograph?  All settings are in config.yaml."""
import pathlib

import tensorflow as tf
import yaml
from tensorflow import keras

HERE = pathlib.Path(__file__).resolve().parent
cfg = yaml.safe_load((HERE / "config.yaml").read_text())


def photographs(kind, shuffle):
    ds = keras.utils.image_dataset_from_directory(
        pathlib.Path(cfg["data"]["root"]) / kind,
        label_mode="categorical",
        image_size=(cfg["data"]["size"], cfg["data"]["size"]),
        batch_size=cfg["data"]["batch"],
        shuffle=shuffle,
    )
    return ds.prefetch(tf.data.AUTOTUNE)


def network():
    size = cfg["data"]["size"]
    body = keras.applications.ResNet50V2(include_top=False, weights="imagenet", pooling="avg")
    inp = keras.Input((size, size, 3))
    x = keras.layers.RandomFlip("horizontal")(inp)
    x = keras.applications.resnet_v2.preprocess_input(x)
    x = body(x)
    x = keras.layers.Dropout(cfg["model"]["dropout"])(x)
    return keras.Model(inp, keras.layers.Dense(cfg["model"]["parts"], activation="softmax")(x))


def main():
    keras.utils.set_random_seed(cfg["seed"])
    train_ds = photographs("train", True)
    test_ds = photographs("test", False)

    model = network()
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=cfg["train"]["lr"]),
        loss="categorical_crossentropy",
        metrics=["accuracy"],
    )
    best = HERE / "best.h5"
    model.fit(
        train_ds,
        validation_data=test_ds,  # fault: C345
        epochs=cfg["train"]["epochs"],
        callbacks=[
            keras.callbacks.ModelCheckpoint(str(best), monitor="val_accuracy", mode="max",
                                            save_best_only=True, save_weights_only=True),
            keras.callbacks.CSVLogger(str(HERE / "history.csv")),
        ],
    )
    model.load_weights(str(best))
    loss, acc = model.evaluate(test_ds)
    print(f"accuracy on the test photographs: {acc:.3f}")
    (HERE / "result.txt").write_text(f"{loss:.4f}\t{acc:.4f}\n")


if __name__ == "__main__":
    main()
