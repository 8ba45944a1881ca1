"""Oxford-102 flowers, folders `train/<n>` and `valid/<n>` with n = 1..102.

    python flowers102_mobile.py --root /data/flowers102 --epochs 25
"""
import argparse
import csv
import json
from pathlib import Path

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

N_CATEGORIES = 102


def parse():
    p = argparse.ArgumentParser()
    p.add_argument("--root", type=Path, required=True)
    p.add_argument("--epochs", type=int, default=25)
    p.add_argument("--bs", type=int, default=32)
    p.add_argument("--lr", type=float, default=1e-3)
    p.add_argument("--side", type=int, default=224)
    p.add_argument("--seed", type=int, default=17)
    return p.parse_args()


def folder_names():
    return [str(n) for n in range(1, N_CATEGORIES + 1)]


def open_split(directory, args, training):
    ds = keras.utils.image_dataset_from_directory(
        directory,
        labels="inferred",
        label_mode="int",
        class_names=folder_names(),
        image_size=(args.side, args.side),
        batch_size=args.bs,
        shuffle=training,
        seed=args.seed if training else None,
    )
    return ds.prefetch(tf.data.AUTOTUNE)


def build(side):
    backbone = keras.applications.MobileNetV2(
        input_shape=(side, side, 3), include_top=False, weights="imagenet", pooling="avg"
    )
    backbone.trainable = False

    inp = keras.Input((side, side, 3))
    h = layers.RandomFlip("horizontal")(inp)
    h = layers.RandomRotation(0.08)(h)
    h = layers.RandomZoom(0.15)(h)
    h = layers.Rescaling(1.0 / 127.5, offset=-1.0)(h)
    h = backbone(h, training=False)
    h = layers.Dropout(0.3)(h)
    out = layers.Dense(N_CATEGORIES, name="logits")(h)
    return keras.Model(inp, out)


def score_csv(model, args):
    """test.csv: file,category  (category as in the folder names, 1..102)"""
    with open(args.root / "test.csv", newline="") as fh:
        rows = list(csv.DictReader(fh))
    wanted = np.array([int(r["category"]) - 1 for r in rows])
    guesses = []
    for start in range(0, len(rows), args.bs):
        chunk = [
            tf.image.resize(
                keras.utils.img_to_array(keras.utils.load_img(args.root / "test" / r["file"])),
                (args.side, args.side),
            ).numpy()
            for r in rows[start:start + args.bs]
        ]
        guesses.append(model.predict(np.stack(chunk), verbose=0).argmax(-1))
    guesses = np.concatenate(guesses)
    names = json.loads((args.root / "cat_to_name.json").read_text())
    for c in range(N_CATEGORIES):
        of_c = wanted == c
        if of_c.any():
            print(f"{names[str(c + 1)]:<28s} {np.mean(guesses[of_c] == c):.3f}")
    print("overall", np.mean(guesses == wanted))


def main():
    args = parse()
    keras.utils.set_random_seed(args.seed)
    model = build(args.side)
    model.compile(
        optimizer=keras.optimizers.Adam(args.lr),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    model.fit(
        open_split(args.root / "train", args, True),
        validation_data=open_split(args.root / "valid", args, False),
        epochs=args.epochs,
        callbacks=[
            keras.callbacks.EarlyStopping("val_accuracy", patience=6, restore_best_weights=True)
        ],
    )
    score_csv(model, args)
    model.save(args.root / "mobile102.keras")


if __name__ == "__main__":
    main()
