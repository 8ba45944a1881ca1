import os

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ["XLA_PYTHON_CLIENT_MEM_FRACTION"] = "0.9"

import pathlib
from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
from keras import layers, ops

SIDE = 160
ROOT = pathlib.Path(os.environ.get("FABRIC_ROOT", "fabric_defects"))
KINDS = ["broken_end", "hole", "intact", "oil_spot", "slub", "thin_place"]


def read(path):
    img = keras.utils.load_img(path, target_size=(SIDE, SIDE), interpolation="bilinear")
    return np.asarray(img, dtype="uint8")


def load(root):
    pictures, kinds = [], []
    with ThreadPoolExecutor(16) as pool:
        for number, kind in enumerate(KINDS):
            files = sorted((root / kind).glob("*.png"))
            pictures.extend(pool.map(read, files))
            kinds.extend([number] * len(files))
    pictures = np.stack(pictures)
    kinds = np.asarray(kinds, dtype="int32")
    deal = np.random.default_rng(2024).permutation(len(kinds))
    return pictures[deal], kinds[deal]


def build():
    base = keras.applications.ResNet50V2(
        include_top=False, weights="imagenet", input_shape=(SIDE, SIDE, 3), pooling="avg"
    )
    base.trainable = False
    inputs = keras.Input((SIDE, SIDE, 3))
    x = layers.RandomFlip("horizontal_and_vertical")(inputs)
    x = layers.RandomTranslation(0.05, 0.05)(x)
    x = layers.Rescaling(1 / 127.5, offset=-1.0)(x)
    x = base(x, training=False)
    x = layers.Dropout(0.3)(x)
    return keras.Model(inputs, layers.Dense(len(KINDS))(x))


def main():
    keras.utils.set_random_seed(2024)
    print("backend:", keras.backend.backend())
    x, y = load(ROOT)
    print(x.shape, np.bincount(y))

    model = build()
    model.compile(
        optimizer=keras.optimizers.AdamW(learning_rate=1e-3, weight_decay=1e-4),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    model.fit(
        x,
        y,
        batch_size=64,
        epochs=25,
        validation_split=0.15,
        callbacks=[keras.callbacks.EarlyStopping(monitor="val_loss", patience=5, restore_best_weights=True)],
    )

    # per kind, on the validation rows (the last ones)
    n = int(len(x) * (1 - 0.15))
    guess = np.asarray(ops.argmax(model.predict(x[n:], batch_size=64), axis=-1))
    for number, kind in enumerate(KINDS):
        mask = y[n:] == number
        if mask.any():
            print(f"{kind:12s} {np.mean(guess[mask] == number):.3f}  ({mask.sum()})")
    model.save("fabric.keras")


if __name__ == "__main__":
    main()
