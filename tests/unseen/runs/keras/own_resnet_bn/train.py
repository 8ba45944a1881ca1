import argparse

import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

from resnet import resnet50

AUTO = tf.data.AUTOTUNE


def data(folder, size, batch, train):
    ds = keras.utils.image_dataset_from_directory(folder, image_size=(size, size), batch_size=batch, label_mode="int",
                                                  shuffle=train, seed=1 if train else None)
    names = ds.class_names
    if train:
        flip = keras.Sequential([layers.RandomFlip("horizontal"), layers.RandomTranslation(0.1, 0.1)])
        ds = ds.map(lambda a, b: (flip(a, training=True), b), num_parallel_calls=AUTO)
    ds = ds.map(lambda a, b: (a / 127.5 - 1.0, b), num_parallel_calls=AUTO)
    return ds.prefetch(AUTO), names


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--root", default="objects10")
    ap.add_argument("--size", type=int, default=96)
    ap.add_argument("--batch", type=int, default=64)
    ap.add_argument("--lr", type=float, default=0.01)
    ap.add_argument("--epochs", type=int, default=90)
    ap.add_argument("--freeze-bn", action="store_true")
    args = ap.parse_args()

    train, names = data(f"{args.root}/train", args.size, args.batch, True)
    val, _ = data(f"{args.root}/val", args.size, args.batch, False)

    model = resnet50(len(names), args.size, args.freeze_bn)
    model.compile(optimizer=keras.optimizers.SGD(args.lr, momentum=0.9),
                  loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    plateau = keras.callbacks.ReduceLROnPlateau(factor=0.1, patience=5)
    model.fit(train, validation_data=val, epochs=args.epochs, callbacks=[plateau])
    model.save_weights("own_resnet50.weights.h5")
