"""Weave types of fabric samples.

usage: python fabric.py [params.yaml]
"""
import sys

import tensorflow as tf
import yaml

from model_def import weave_model


def load(p):
    shared = dict(image_size=(p["size"], p["size"]), batch_size=p["batch"], label_mode="int")
    part = dict(validation_split=p["val_share"], seed=p["seed"])
    train = tf.keras.utils.image_dataset_from_directory(p["train_dir"], subset="training", **part, **shared)
    val = tf.keras.utils.image_dataset_from_directory(p["train_dir"], subset="validation", **part, **shared)
    test = tf.keras.utils.image_dataset_from_directory(p["test_dir"], shuffle=False, **shared)
    assert train.class_names == test.class_names
    names = train.class_names
    ready = lambda ds: ds.prefetch(tf.data.AUTOTUNE)
    return ready(train), ready(val), ready(test), names


def main(path):
    with open(path) as f:
        p = yaml.safe_load(f)
    train, val, test, names = load(p)
    model = weave_model(p["size"], len(names), p["dropout"])
    model.compile(
        optimizer=tf.keras.optimizers.SGD(learning_rate=p["lr"], momentum=p["momentum"]),
        loss=tf.keras.losses.SparseCategoricalCrossentropy(),
        metrics=["accuracy"],
    )
    stop = tf.keras.callbacks.EarlyStopping(
        monitor="val_loss", patience=p["patience"], restore_best_weights=True, verbose=1)
    model.fit(train, validation_data=val, epochs=p["epochs"], callbacks=[stop])

    # the test swatches come from another mill and are looked at only here
    loss, acc = model.evaluate(test, verbose=0)
    print("test loss %.3f  accuracy %.3f" % (loss, acc))
    model.save(p["out"])


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "params.yaml")
