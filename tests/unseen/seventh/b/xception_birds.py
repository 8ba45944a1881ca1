"""Two stage transfer learning for bird photographs.

Expects DATA/{train,val,test}/<species>/*.jpg ; the number of species is whatever is found there.
"""
import argparse
from pathlib import Path

import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers
from tensorflow.keras.applications import xception


def parse():
    p = argparse.ArgumentParser()
    p.add_argument("data", type=Path)
    p.add_argument("--batch-size", type=int, default=24)
    p.add_argument("--warm-epochs", type=int, default=6)
    p.add_argument("--tune-epochs", type=int, default=14)
    p.add_argument("--unfreeze-from", default="block11_sepconv1_act")
    return p.parse_args()


def folder(path, batch, shuffle):
    return keras.utils.image_dataset_from_directory(
        path, image_size=(299, 299), batch_size=batch, shuffle=shuffle, seed=99, label_mode="int")


def build(n_species):
    flip = keras.Sequential([layers.RandomFlip("horizontal", seed=99)], name="augment")
    base = xception.Xception(weights="imagenet", include_top=False, input_shape=(299, 299, 3))
    base.trainable = False

    inp = keras.Input((299, 299, 3))
    x = flip(inp)
    x = xception.preprocess_input(x)
    x = base(x, training=False)      # keeps the batch norm statistics also in stage two
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.2)(x)
    out = layers.Dense(n_species, activation="softmax")(x)
    return keras.Model(inp, out), base


def compile_with(model, lr):
    model.compile(optimizer=keras.optimizers.Adam(lr),
                  loss="sparse_categorical_crossentropy",
                  metrics=["sparse_categorical_accuracy"])


def main():
    args = parse()
    keras.utils.set_random_seed(99)
    train = folder(args.data / "train", args.batch_size, True)
    val = folder(args.data / "val", args.batch_size, False)
    test = folder(args.data / "test", args.batch_size, False)
    species = train.class_names
    assert species == val.class_names == test.class_names

    train, val, test = (d.prefetch(tf.data.AUTOTUNE) for d in (train, val, test))
    model, base = build(len(species))

    compile_with(model, 1e-3)
    model.fit(train, validation_data=val, epochs=args.warm_epochs)

    base.trainable = True
    open_now = False
    for lay in base.layers:
        open_now = open_now or lay.name == args.unfreeze_from
        lay.trainable = open_now
    compile_with(model, 1e-5)
    model.summary(show_trainable=True)

    keep = keras.callbacks.ModelCheckpoint("birds.keras", monitor="val_loss", save_best_only=True)
    stop = keras.callbacks.EarlyStopping(monitor="val_loss", patience=5, restore_best_weights=True)
    model.fit(train, validation_data=val, initial_epoch=args.warm_epochs,
              epochs=args.warm_epochs + args.tune_epochs, callbacks=[keep, stop])

    print("test:", model.evaluate(test, return_dict=True))


if __name__ == "__main__":
    main()
