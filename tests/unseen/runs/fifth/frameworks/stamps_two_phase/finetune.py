"""Stamps: train a new head, then fine-tune the upper part of the backbone."""
import argparse

import keras
import tensorflow as tf
from keras import layers


def parse_args():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--root", default="stamps")
    p.add_argument("--weights", default="weights/mobilenet_025_64_notop.weights.h5")
    p.add_argument("--head-epochs", type=int, default=2)
    p.add_argument("--epochs", type=int, default=30)
    p.add_argument("--unfreeze-from", default="conv_dw_8")
    p.add_argument("--batch", type=int, default=16)
    return p.parse_args()


def make_data(root, batch):
    kw = dict(validation_split=0.2, seed=99, image_size=(64, 64), batch_size=batch)
    train = keras.utils.image_dataset_from_directory(root, subset="training", **kw)
    valid = keras.utils.image_dataset_from_directory(root, subset="validation", **kw)
    names = train.class_names
    flip = layers.RandomFlip("horizontal")
    zoom = layers.RandomZoom(0.15, fill_mode="nearest")
    train = train.map(lambda x, y: (zoom(flip(x, training=True), training=True), y))
    return train.prefetch(tf.data.AUTOTUNE), valid.cache().prefetch(tf.data.AUTOTUNE), names


def make_model(n, weights):
    base = keras.applications.MobileNet(input_shape=(64, 64, 3), alpha=0.25,
                                        include_top=False, weights=None, pooling="avg")
    base.load_weights(weights)
    inp = keras.Input((64, 64, 3))
    x = keras.applications.mobilenet.preprocess_input(inp)
    x = base(x, training=False)      # batch statistics stay as loaded
    x = layers.Dropout(0.25)(x)
    out = layers.Dense(n)(x)
    return keras.Model(inp, out), base


def main():
    args = parse_args()
    keras.utils.set_random_seed(99)
    train, valid, names = make_data(args.root, args.batch)
    model, base = make_model(len(names), args.weights)

    base.trainable = False
    model.compile(optimizer=keras.optimizers.Adam(1e-3),
                  loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
                  metrics=["accuracy"])
    print("phase 1: head only")
    model.fit(train, validation_data=valid, epochs=args.head_epochs)

    print("phase 2: fine-tuning from", args.unfreeze_from)
    base.trainable = True
    reached = False
    for layer in base.layers:
        reached = reached or layer.name == args.unfreeze_from
        layer.trainable = reached and not isinstance(layer, layers.BatchNormalization)
    model.optimizer.learning_rate = 1e-4
    print("trainable tensors:", len(model.trainable_variables))

    model.fit(train, validation_data=valid, initial_epoch=args.head_epochs, epochs=args.epochs,
              callbacks=[keras.callbacks.ModelCheckpoint("stamps_best.keras", save_best_only=True,
                                                         monitor="val_accuracy")])


if __name__ == "__main__":
    main()
