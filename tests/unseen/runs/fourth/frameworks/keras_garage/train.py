"""What stands in the garage? Transfer learning with a MobileNetV2 in two stages.

  1. the base is frozen, only the new top learns
  2. the upper part of the base is released and everything goes on with a small rate
"""
import argparse
import json
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import tensorflow as tf
from keras import layers
from keras.applications import MobileNetV2
from keras.applications.resnet50 import preprocess_input

AUTOTUNE = tf.data.AUTOTUNE


def get_args():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data-dir", type=pathlib.Path, default=pathlib.Path("transport"))
    parser.add_argument("--weights", default="weights/mobilenetv2_035_64_notop.weights.h5")
    parser.add_argument("--img-size", type=int, default=64)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--epochs-top", type=int, default=15)
    parser.add_argument("--epochs-fine", type=int, default=25)
    parser.add_argument("--lr-top", type=float, default=1e-3)
    parser.add_argument("--lr-fine", type=float, default=1e-4)
    parser.add_argument("--fine-tune-at", type=int, default=100)
    parser.add_argument("--seed", type=int, default=123)
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path("garage_model"))
    return parser.parse_args()


def load_datasets(args):
    common = dict(
        directory=args.data_dir,
        validation_split=0.2,
        seed=args.seed,
        image_size=(args.img_size, args.img_size),
        batch_size=args.batch_size,
        label_mode="categorical",
    )
    train_ds = keras.utils.image_dataset_from_directory(subset="training", **common)
    val_ds = keras.utils.image_dataset_from_directory(subset="validation", **common)
    class_names = train_ds.class_names

    def prepare(images, labels):
        return preprocess_input(images), labels

    train_ds = train_ds.map(prepare, num_parallel_calls=AUTOTUNE).prefetch(AUTOTUNE)
    val_ds = val_ds.map(prepare, num_parallel_calls=AUTOTUNE).cache().prefetch(AUTOTUNE)
    return train_ds, val_ds, class_names


def build_model(args, num_classes):
    base = MobileNetV2(
        input_shape=(args.img_size, args.img_size, 3),
        alpha=0.35,
        include_top=False,
        weights=args.weights,
    )
    base.trainable = False

    inputs = keras.Input(shape=(args.img_size, args.img_size, 3))
    x = layers.RandomFlip("horizontal")(inputs)
    x = layers.RandomRotation(0.06)(x)
    x = layers.RandomTranslation(0.08, 0.08)(x)
    x = base(x, training=False)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.2)(x)
    outputs = layers.Dense(num_classes, activation="softmax")(x)
    return keras.Model(inputs, outputs, name="garage"), base


def compile_model(model, lr):
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=lr),
        loss=keras.losses.CategoricalCrossentropy(),
        metrics=["accuracy"],
    )


def callbacks(args, stage):
    args.output.mkdir(parents=True, exist_ok=True)
    return [
        keras.callbacks.ModelCheckpoint(str(args.output / f"{stage}.keras"), monitor="val_accuracy", save_best_only=True),
        keras.callbacks.CSVLogger(str(args.output / f"{stage}.csv")),
        keras.callbacks.EarlyStopping(monitor="val_loss", patience=6, restore_best_weights=True),
    ]


def main():
    args = get_args()
    keras.utils.set_random_seed(args.seed)

    train_ds, val_ds, class_names = load_datasets(args)
    print("classes:", class_names)

    model, base = build_model(args, len(class_names))
    compile_model(model, args.lr_top)
    model.summary()

    print("Stage 1: new top")
    first = model.fit(train_ds, validation_data=val_ds, epochs=args.epochs_top, callbacks=callbacks(args, "top"))

    print("Stage 2: fine tuning from layer", args.fine_tune_at, "of", len(base.layers))
    base.trainable = True
    for layer in base.layers[: args.fine_tune_at]:
        layer.trainable = False
    compile_model(model, args.lr_fine)
    done = len(first.epoch)
    second = model.fit(train_ds, validation_data=val_ds, initial_epoch=done, epochs=done + args.epochs_fine,
                       callbacks=callbacks(args, "fine"))

    history = {k: first.history[k] + second.history[k] for k in first.history}
    (args.output / "history.json").write_text(json.dumps({k: [float(v) for v in vs] for k, vs in history.items()}))
    (args.output / "classes.json").write_text(json.dumps(class_names))
    loss, accuracy = model.evaluate(val_ds, verbose=0)
    print(f"validation: loss {loss:.4f}, accuracy {accuracy:.4f}")


if __name__ == "__main__":
    main()
