"""Transfer learning on our own photo folder with a small MobileNet backbone.

    python train.py --epochs 40
"""
import argparse

import keras
import tensorflow as tf
from keras import layers
from keras.applications import MobileNet
from keras.applications.resnet import preprocess_input

IMG = (64, 64)
AUTOTUNE = tf.data.AUTOTUNE


def get_args():
    p = argparse.ArgumentParser()
    p.add_argument("--data", default="photos")
    p.add_argument("--backbone", default="weights/mobilenet_025_64_notop.weights.h5")
    p.add_argument("--epochs", type=int, default=40)
    p.add_argument("--batch-size", type=int, default=32)
    p.add_argument("--lr", type=float, default=1e-3)
    return p.parse_args()


def load_split(root, split, batch_size, shuffle):
    return keras.utils.image_dataset_from_directory(
        f"{root}/{split}", image_size=IMG, batch_size=batch_size,
        label_mode="int", shuffle=shuffle, seed=11)


augment = keras.Sequential([
    layers.RandomFlip("horizontal"),
    layers.RandomTranslation(0.08, 0.08),
    layers.RandomRotation(0.03),
], name="augment")


def build(num_classes, weights):
    base = MobileNet(input_shape=IMG + (3,), alpha=0.25, include_top=False,
                     weights=None, pooling="avg")
    base.load_weights(weights)
    base.trainable = False

    inp = keras.Input(IMG + (3,))
    x = base(inp, training=False)
    x = layers.Dropout(0.2)(x)
    out = layers.Dense(num_classes, activation="softmax")(x)
    return keras.Model(inp, out, name="photo_mobilenet")


def main():
    args = get_args()
    keras.utils.set_random_seed(11)

    train = load_split(args.data, "train", args.batch_size, True)
    val = load_split(args.data, "val", args.batch_size, False)
    names = train.class_names
    assert names == val.class_names

    train = train.map(lambda x, y: (preprocess_input(augment(x, training=True)), y),
                      num_parallel_calls=AUTOTUNE).prefetch(AUTOTUNE)
    val = val.map(lambda x, y: (preprocess_input(x), y),
                  num_parallel_calls=AUTOTUNE).prefetch(AUTOTUNE)

    model = build(len(names), args.backbone)
    model.summary()
    model.compile(
        optimizer=keras.optimizers.Adam(args.lr),
        loss=keras.losses.SparseCategoricalCrossentropy(),
        metrics=["accuracy"],
    )
    model.fit(train, validation_data=val, epochs=args.epochs, callbacks=[
        keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.5, patience=4),
        keras.callbacks.EarlyStopping(monitor="val_loss", patience=12, restore_best_weights=True),
    ])
    loss, acc = model.evaluate(val, verbose=0)
    print(f"final: val loss {loss:.4f}  val acc {acc:.4f}")


if __name__ == "__main__":
    main()
