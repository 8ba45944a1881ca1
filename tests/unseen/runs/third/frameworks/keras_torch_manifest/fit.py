"""Keras on top of torch: the loader is torch's, the training is Keras's."""
import os

os.environ["KERAS_BACKEND"] = "torch"

import argparse
import json
from pathlib import Path

import keras
import numpy as np
from keras import layers, ops

from manifest import Manifest, loader


def shuffle_unit(x, groups):
    h, w, c = x.shape[1:]
    x = layers.Reshape((h, w, groups, c // groups))(x)
    x = layers.Permute((1, 2, 4, 3))(x)
    return layers.Reshape((h, w, c))(x)


def unit(x, filters, stride, groups=4):
    y = layers.Conv2D(filters, 1, groups=groups if x.shape[-1] % groups == 0 else 1, use_bias=False)(x)
    y = layers.BatchNormalization(momentum=0.95)(y)
    y = layers.ReLU()(y)
    y = shuffle_unit(y, groups)
    y = layers.DepthwiseConv2D(3, strides=stride, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization(momentum=0.95)(y)
    y = layers.Conv2D(filters, 1, groups=groups, use_bias=False)(y)
    y = layers.BatchNormalization(momentum=0.95)(y)
    if stride > 1 or x.shape[-1] != filters:
        x = layers.AveragePooling2D(stride, padding="same")(x) if stride > 1 else x
        x = layers.Conv2D(filters, 1, use_bias=False)(x)
        x = layers.BatchNormalization(momentum=0.95)(x)
    return layers.ReLU()(layers.Add()([x, y]))


def build(size, num_classes):
    inputs = keras.Input((size, size, 3))
    x = layers.Conv2D(32, 3, strides=2, padding="same", use_bias=False)(inputs)
    x = layers.BatchNormalization(momentum=0.95)(x)
    x = layers.ReLU()(x)
    for filters, stride in ((64, 1), (64, 1), (128, 2), (128, 1), (256, 2)):
        x = unit(x, filters, stride)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.2)(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x), name="shuffler")


class PerClass(keras.callbacks.Callback):
    """Recall of every class after each epoch."""

    def __init__(self, batches, classes):
        super().__init__()
        self.batches, self.classes = batches, classes

    def on_epoch_end(self, epoch, logs=None):
        hit, n = np.zeros(len(self.classes)), np.zeros(len(self.classes))
        for x, y, _ in self.batches:
            guess = self.model.predict_on_batch(x).argmax(-1)
            y = y.numpy()
            np.add.at(n, y, 1)
            np.add.at(hit, y, guess == y)
        print("  recall " + " ".join(f"{c} {h:.2f}" for c, h in zip(self.classes, hit / n)), flush=True)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--root", default="vehicles")
    p.add_argument("--size", type=int, default=48)
    p.add_argument("--epochs", type=int, default=50)
    p.add_argument("--batch-size", type=int, default=20)
    p.add_argument("--accumulate", type=int, default=2)
    p.add_argument("--lr", type=float, default=0.02)
    p.add_argument("--out", default="runs/vehicles")
    args = p.parse_args()

    keras.utils.set_random_seed(31)
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)

    train = Manifest(args.root, "train", args.size, augment=True, balance=True)
    dev = Manifest(args.root, "dev", args.size, classes=train.classes)
    train_batches = loader(train, args.batch_size, True)
    dev_batches = loader(dev, 60, False)
    print(len(train), "train", len(dev), "dev", dict(zip(train.classes, train.weights.round(2).tolist())))

    model = build(args.size, len(train.classes))
    model.summary()
    # Keras counts batches, not updates, in its schedules
    steps = len(train_batches) * args.epochs
    warm = 40 * args.accumulate
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0, decay_steps=steps - warm, warmup_target=args.lr, warmup_steps=warm, alpha=0.005
    )
    model.compile(
        optimizer=keras.optimizers.SGD(
            schedule, momentum=0.9, nesterov=True, weight_decay=5e-4,
            gradient_accumulation_steps=args.accumulate if args.accumulate > 1 else None,
        ),
        loss=keras.losses.SparseCategoricalCrossentropy(),
        metrics=[keras.metrics.SparseCategoricalAccuracy(name="accuracy")],
    )
    history = model.fit(
        train_batches,
        validation_data=dev_batches,
        epochs=args.epochs,
        callbacks=[
            PerClass(dev_batches, train.classes),
            keras.callbacks.ModelCheckpoint(str(out / "best.keras"), monitor="val_accuracy", save_best_only=True),
            keras.callbacks.CSVLogger(str(out / "log.csv")),
        ],
    )
    (out / "history.json").write_text(json.dumps({k: [float(v) for v in vs] for k, vs in history.history.items()}))


if __name__ == "__main__":
    main()
