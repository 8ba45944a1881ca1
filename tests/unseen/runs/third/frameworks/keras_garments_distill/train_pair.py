"""A large network first, then a small one that imitates it. Pictures as npy files."""
import argparse
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from distiller import Distiller


def read(root):
    root = Path(root)
    x, y = np.load(root / "images_train.npy"), np.load(root / "labels_train.npy")
    xt, yt = np.load(root / "images_test.npy"), np.load(root / "labels_test.npy")
    # (n, 28, 28) bytes -> (n, 28, 28, 1) between 0 and 1
    prepare = lambda a: (a[..., None] / 255.0).astype("float32")
    order = np.random.default_rng(0).permutation(len(x))
    cut = int(0.85 * len(x))
    fit, val = order[:cut], order[cut:]
    x = prepare(x)
    y, yt = y.astype("int32"), yt.astype("int32")
    return (x[fit], y[fit]), (x[val], y[val]), (prepare(xt), yt)


def stream(x, y, batch_size, training):
    ds = tf.data.Dataset.from_tensor_slices((x, y))
    if training:
        ds = ds.shuffle(len(x), reshuffle_each_iteration=True)

        def shift(image, label):
            image = tf.image.random_flip_left_right(image)
            image = tf.image.resize_with_crop_or_pad(image, 32, 32)
            return tf.image.random_crop(image, (28, 28, 1)), label

        ds = ds.map(shift, num_parallel_calls=2)
    return ds.batch(batch_size, drop_remainder=training).prefetch(2)


def large():
    x = inputs = keras.Input((28, 28, 1))
    for filters in (32, 64, 128):
        for _ in range(2):
            x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
            x = layers.BatchNormalization(momentum=0.95)(x)
            x = layers.Activation("relu")(x)
        x = layers.MaxPooling2D()(x)
        x = layers.SpatialDropout2D(0.1)(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dense(128, activation="relu")(x)
    x = layers.Dropout(0.3)(x)
    return keras.Model(inputs, layers.Dense(10)(x), name="large")


def small():
    x = inputs = keras.Input((28, 28, 1))
    x = layers.Conv2D(16, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.DepthwiseConv2D(3, padding="same")(x)
    x = layers.Conv2D(32, 1, activation="relu")(x)
    x = layers.MaxPooling2D()(x)
    x = layers.SeparableConv2D(48, 3, padding="same", activation="relu")(x)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(10)(x), name="small")


def accuracy():
    return keras.metrics.SparseCategoricalAccuracy(name="accuracy")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--data", default="npy")
    p.add_argument("--teacher-epochs", type=int, default=20)
    p.add_argument("--student-epochs", type=int, default=40)
    p.add_argument("--batch-size", type=int, default=50)
    p.add_argument("--temperature", type=float, default=4.0)
    p.add_argument("--alpha", type=float, default=0.3)
    p.add_argument("--out", default="runs/distill")
    p.add_argument("--reuse", action="store_true", help="take the teacher of an earlier run")
    args = p.parse_args()

    keras.utils.set_random_seed(77)
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    fit, val, test = read(args.data)
    train_ds = stream(*fit, args.batch_size, True)
    val_ds = stream(*val, 150, False)
    test_ds = stream(*test, 200, False)
    steps = int(train_ds.cardinality())

    weights = out / "teacher.weights.h5"
    teacher = large()
    teacher.compile(
        optimizer=keras.optimizers.SGD(
            keras.optimizers.schedules.CosineDecay(0.05, steps * args.teacher_epochs),
            momentum=0.9, nesterov=True, weight_decay=1e-4,
        ),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[accuracy()],
        jit_compile=False,
    )
    if args.reuse and weights.exists():
        teacher.load_weights(weights)
    else:
        keep = keras.callbacks.ModelCheckpoint(str(weights), monitor="val_accuracy", save_best_only=True, save_weights_only=True)
        teacher.fit(train_ds, validation_data=val_ds, epochs=args.teacher_epochs, callbacks=[keep])
        teacher.load_weights(weights)
    print("teacher:", teacher.evaluate(test_ds, verbose=0, return_dict=True))

    # the yardstick: the same small network without a teacher
    alone = small()
    alone.compile(
        optimizer=keras.optimizers.Adam(2e-3),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[accuracy()],
        jit_compile=False,
    )
    alone.fit(train_ds, validation_data=val_ds, epochs=args.student_epochs, verbose=2)

    student = small()
    pair = Distiller(student, teacher, args.temperature, args.alpha)
    pair.compile(optimizer=keras.optimizers.Adam(2e-3), metrics=[accuracy()], jit_compile=False)
    pair.fit(
        train_ds,
        validation_data=val_ds,
        epochs=args.student_epochs,
        verbose=2,
        callbacks=[keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.5, patience=4, min_lr=1e-5)],
    )
    student.save(out / "student.keras")
    for name, net in (("alone", alone), ("taught", student)):
        guess = np.concatenate([net.predict_on_batch(x).argmax(-1) for x, _ in test_ds])
        print(f"{name}: test accuracy {np.mean(guess == test[1]):.4f}")


if __name__ == "__main__":
    main()
