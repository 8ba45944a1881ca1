import argparse
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf
import yaml

from network import build


def load_split(folder, cfg, **kwargs):
    return keras.utils.image_dataset_from_directory(
        folder,
        labels="inferred",
        label_mode="int",
        image_size=(cfg["image_size"], cfg["image_size"]),
        batch_size=cfg["batch_size"],
        interpolation="bilinear",
        **kwargs,
    )


def confusion(model, ds, n):
    """Rows are the true classes, columns the guesses; one pass, so that both stay together."""
    table = np.zeros((n, n), dtype=int)
    for images, labels in ds:
        guess = np.argmax(model.predict_on_batch(images), axis=1)
        np.add.at(table, (labels.numpy(), guess), 1)
    return table


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--settings", default=str(Path(__file__).with_name("settings.yaml")))
    parser.add_argument("--epochs", type=int, default=None)
    parser.add_argument("--lr", type=float, default=None)
    args = parser.parse_args()
    cfg = yaml.safe_load(Path(args.settings).read_text())
    training = cfg["training"]
    epochs = args.epochs or training["epochs"]
    lr = args.lr or training["lr"]
    out = Path(cfg["out"])
    out.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(cfg["seed"])

    root = Path(cfg["root"])
    classes = cfg["classes"]
    train = load_split(root / "training", cfg, class_names=classes, shuffle=True, seed=cfg["seed"])
    valid = load_split(root / "validation", cfg, shuffle=False)
    steps = int(train.cardinality())
    for images, labels in train.take(1):
        print("batch", images.shape, images.dtype, "labels", [classes[i] for i in labels[:8].numpy()])
    train = train.prefetch(tf.data.AUTOTUNE)
    valid = valid.cache().prefetch(tf.data.AUTOTUNE)

    model = build(cfg["image_size"], len(classes), **cfg["network"])
    print("parameters:", model.count_params())
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=lr / 10,
        decay_steps=steps * epochs - 2 * steps,
        warmup_target=lr,
        warmup_steps=2 * steps,
        alpha=0.01,
    )
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=training["weight_decay"], clipnorm=2.0)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    model.compile(
        optimizer=optimizer,
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[keras.metrics.SparseCategoricalAccuracy(name="accuracy")],
        jit_compile=False,
    )
    model.fit(
        train,
        validation_data=valid,
        epochs=epochs,
        callbacks=[
            keras.callbacks.ModelCheckpoint(str(out / "best.keras"), monitor="val_accuracy", save_best_only=True, verbose=1),
            keras.callbacks.EarlyStopping(monitor="val_loss", patience=training["patience"], restore_best_weights=True),
            keras.callbacks.CSVLogger(str(out / "log.csv")),
            keras.callbacks.TensorBoard(str(out / "tb")),
        ],
    )
    table = confusion(model, valid, len(classes))
    print("validation accuracy", table.trace() / table.sum())
    for name, row in zip(classes, table):
        print(f"{name:>8s} " + " ".join(f"{v:4d}" for v in row))


if __name__ == "__main__":
    main()
