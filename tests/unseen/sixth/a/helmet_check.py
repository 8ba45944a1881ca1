"""Does the worker wear a helmet? Binary classifier for the gate camera."""
import argparse
import json
from pathlib import Path

import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

IMAGE = 192


def dataset(folder: Path, batch: int, training: bool) -> tf.data.Dataset:
    ds = keras.utils.image_dataset_from_directory(
        folder,
        class_names=["bare", "helmet"],
        label_mode="binary",
        image_size=(IMAGE, IMAGE),
        batch_size=batch,
        shuffle=training,
        seed=17 if training else None,
    )
    return ds.prefetch(tf.data.AUTOTUNE)


def build_model() -> keras.Model:
    base = keras.applications.MobileNetV2(
        input_shape=(IMAGE, IMAGE, 3), include_top=False, weights="imagenet", pooling="avg")
    base.trainable = False

    image = keras.Input((IMAGE, IMAGE, 3), name="image")
    x = layers.RandomFlip("horizontal")(image)
    x = layers.RandomZoom(0.1)(x)
    x = layers.Rescaling(1 / 127.5, offset=-1)(x)
    x = base(x, training=False)
    x = layers.Dropout(0.2)(x)
    score = layers.Dense(1, activation="sigmoid", name="helmet")(x)
    return keras.Model(image, score)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("data", type=Path)
    ap.add_argument("--out", type=Path, default=Path("run"))
    ap.add_argument("--epochs", type=int, default=12)
    ap.add_argument("--batch", type=int, default=48)
    ap.add_argument("--lr", type=float, default=5e-4)
    args = ap.parse_args()
    keras.utils.set_random_seed(17)
    args.out.mkdir(parents=True, exist_ok=True)

    train = dataset(args.data / "train", args.batch, True)
    val = dataset(args.data / "val", args.batch, False)
    test = dataset(args.data / "test", args.batch, False)

    model = build_model()
    model.compile(
        optimizer=keras.optimizers.Adam(args.lr),
        loss="binary_crossentropy",
        metrics=["accuracy", keras.metrics.AUC(name="auc")],
    )
    best = args.out / "best.keras"
    model.fit(train, validation_data=val, epochs=args.epochs, callbacks=[
        keras.callbacks.ModelCheckpoint(str(best), monitor="val_auc", mode="max", save_best_only=True),
        keras.callbacks.CSVLogger(str(args.out / "log.csv")),
    ])
    result = keras.models.load_model(best).evaluate(test, return_dict=True)
    (args.out / "test.json").write_text(json.dumps({k: float(v) for k, v in result.items()}, indent=2))


if __name__ == "__main__":
    main()
