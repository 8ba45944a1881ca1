#!/usr/bin/env python3
# Galaxy morphology from one npz file. Keras 3, torch backend, own epoch loop with train_on_batch.
#
#   galaxies.npz:  images uint8 [N, 69, 69, 3]   (rows sorted by class, as exported)
#                  labels int64 [N]   0..9
import os

os.environ.setdefault("KERAS_BACKEND", "torch")

from dataclasses import dataclass
from math import ceil

import keras
import numpy as np
from keras import layers


@dataclass
class Config:
    npz: str = "galaxies.npz"
    classes: int = 10
    batch: int = 96
    epochs: int = 50
    lr: float = 2e-3
    weight_decay: float = 0.01
    seed: int = 17
    holdout: float = 0.15
    ckpt: str = "galaxy_best.weights.h5"


def stratified_parts(labels, frac, rng):
    """index arrays (train, val, test), every class split in the same proportion"""
    parts = ([], [], [])
    for c in np.unique(labels):
        ids = rng.permutation(np.flatnonzero(labels == c))
        k = int(round(frac * len(ids)))
        parts[1].append(ids[:k])
        parts[2].append(ids[k:2 * k])
        parts[0].append(ids[2 * k:])
    return [np.concatenate(p) for p in parts]


def to_float(batch):
    return batch.astype("float32") / 255.0


def random_symmetry(batch, rng):
    # galaxies have no preferred orientation
    out = np.empty_like(batch)
    ks = rng.integers(0, 4, len(batch))
    flips = rng.random(len(batch)) < 0.5
    for i in range(len(batch)):
        im = np.rot90(batch[i], ks[i], axes=(0, 1))
        out[i] = im[:, ::-1] if flips[i] else im
    return out


def network(cfg):
    inp = layers.Input((69, 69, 3))
    x = inp
    for n, f in enumerate((32, 64, 128, 192)):
        x = layers.Conv2D(f, 3, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization(momentum=0.95)(x)
        x = layers.Activation("gelu")(x)
        x = layers.Conv2D(f, 3, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization(momentum=0.95)(x)
        x = layers.Activation("gelu")(x)
        x = layers.MaxPooling2D(2)(x)
        x = layers.SpatialDropout2D(0.05 * n)(x) if n else x
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dense(128, activation="gelu")(x)
    x = layers.Dropout(0.3)(x)
    return keras.Model(inp, layers.Dense(cfg.classes, activation="softmax")(x), name="galaxynet")


def predict_in_parts(model, images, ids, size=512):
    return np.concatenate([
        model.predict_on_batch(to_float(images[ids[i:i + size]])) for i in range(0, len(ids), size)])


def score(model, images, labels, ids):
    p = predict_in_parts(model, images, ids)
    y = labels[ids]
    nll = -np.log(np.clip(p[np.arange(len(y)), y], 1e-7, 1.0)).mean()
    return float(nll), float((p.argmax(1) == y).mean())


def main(cfg=Config()):
    keras.utils.set_random_seed(cfg.seed)
    rng = np.random.default_rng(cfg.seed)

    with np.load(cfg.npz) as z:
        images, labels = z["images"], z["labels"].astype("int64")
    train, val, test = stratified_parts(labels, cfg.holdout, rng)
    steps = ceil(len(train) / cfg.batch)
    print(f"{len(train)} / {len(val)} / {len(test)} pictures, {steps} steps an epoch")

    model = network(cfg)
    lr = keras.optimizers.schedules.PiecewiseConstantDecay(
        boundaries=[25 * steps, 40 * steps],
        values=[cfg.lr, cfg.lr * 0.2, cfg.lr * 0.04],
    )
    optimizer = keras.optimizers.AdamW(learning_rate=lr, weight_decay=cfg.weight_decay)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    model.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])

    best = np.inf
    for epoch in range(cfg.epochs):
        model.reset_metrics()
        order = rng.permutation(train)
        for s in range(steps):
            ids = order[s * cfg.batch:(s + 1) * cfg.batch]
            xb = random_symmetry(to_float(images[ids]), rng)
            logs = model.train_on_batch(xb, labels[ids], return_dict=True)
        # Keras 3 keeps the running mean over the epoch in what train_on_batch returns
        vl, va = score(model, images, labels, val)
        print(f"[{epoch + 1:02d}] loss {float(logs['loss']):.4f} acc {float(logs['accuracy']):.4f} "
              f"| val loss {vl:.4f} acc {va:.4f}", flush=True)
        if vl < best:
            best = vl
            model.save_weights(cfg.ckpt)

    model.load_weights(cfg.ckpt)
    tl, ta = score(model, images, labels, test)
    print(f"test: loss {tl:.4f} accuracy {ta:.4f}")


if __name__ == "__main__":
    main()
