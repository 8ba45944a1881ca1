"""Leaf disease classifier: MobileNetV2 head first, upper blocks afterwards (TensorFlow 2.10)."""
import argparse
import pathlib

import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

IMG_SIZE = 192
AUTOTUNE = tf.data.AUTOTUNE


def parse_args():
    p = argparse.ArgumentParser()
    p.add_argument("data_dir", type=pathlib.Path)
    p.add_argument("--batch-size", type=int, default=48)
    p.add_argument("--head-epochs", type=int, default=8)
    p.add_argument("--tune-epochs", type=int, default=12)
    p.add_argument("--lr", type=float, default=1e-3)
    p.add_argument("--tune-lr", type=float, default=2e-5)
    p.add_argument("--tune-from", type=int, default=100, help="first layer index of the base to be tuned")
    p.add_argument("--out", type=pathlib.Path, default=pathlib.Path("leaf_mobilenet.keras"))
    return p.parse_args()


def load(data_dir, subset, batch_size):
    return keras.utils.image_dataset_from_directory(
        data_dir,
        validation_split=0.15,
        subset=subset,
        seed=2023,
        image_size=(IMG_SIZE, IMG_SIZE),
        batch_size=batch_size,
    )


def build(num_classes):
    base = keras.applications.MobileNetV2(
        input_shape=(IMG_SIZE, IMG_SIZE, 3), include_top=False, weights="imagenet"
    )
    base.trainable = False

    inputs = keras.Input((IMG_SIZE, IMG_SIZE, 3))
    x = layers.RandomFlip("horizontal")(inputs)
    x = layers.RandomRotation(0.08)(x)
    x = layers.Rescaling(1.0 / 127.5, offset=-1.0)(x)
    x = base(x, training=False)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.25)(x)
    outputs = layers.Dense(num_classes)(x)
    return keras.Model(inputs, outputs), base


def main():
    args = parse_args()
    train_ds = load(args.data_dir, "training", args.batch_size)
    val_ds = load(args.data_dir, "validation", args.batch_size)
    class_names = train_ds.class_names
    print(len(class_names), "classes")

    train_ds = train_ds.prefetch(AUTOTUNE)
    val_ds = val_ds.cache().prefetch(AUTOTUNE)

    model, base = build(len(class_names))
    model.compile(
        optimizer=keras.optimizers.Adam(args.lr),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )

    print("stage 1: classifier")
    first = model.fit(train_ds, validation_data=val_ds, epochs=args.head_epochs)

    print("stage 2: upper blocks")
    base.trainable = True  # fault: C332
    for layer in base.layers[: args.tune_from]:
        layer.trainable = False
    model.optimizer.learning_rate.assign(args.tune_lr)
    model.summary()

    model.fit(
        train_ds,
        validation_data=val_ds,
        initial_epoch=first.epoch[-1] + 1,
        epochs=args.head_epochs + args.tune_epochs,
    )
    model.save(args.out)


if __name__ == "__main__":
    main()
