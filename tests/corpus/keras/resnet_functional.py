import argparse

import tensorflow as tf
from tensorflow.keras import Model, layers, optimizers
from tensorflow.keras.applications import ResNet50
from tensorflow.keras.applications.resnet50 import preprocess_input


def parse_args():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float, default=1e-5)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--size", type=int, default=224)
    return parser.parse_args()


def load(split, args, training):
    ds = tf.keras.utils.image_dataset_from_directory(f"birds/{split}", image_size=(args.size, args.size),
                                                     batch_size=args.batch, shuffle=training, seed=3)
    return ds.map(lambda image, label: (preprocess_input(image), label)).prefetch(2)


def build(args, classes):
    base = ResNet50(include_top=False, pooling="avg", input_shape=(args.size, args.size, 3))
    x = layers.Dropout(0.3)(base.output)
    out = layers.Dense(classes)(x)
    return Model(base.input, out)


if __name__ == "__main__":
    args = parse_args()
    tf.random.set_seed(3)
    net = build(args, 200)
    net.compile(optimizers.Adam(args.lr), tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True), ["accuracy"])
    net.fit(load("train", args, True), validation_data=load("val", args, False), epochs=args.epochs,
            callbacks=[tf.keras.callbacks.ReduceLROnPlateau(patience=2)])
