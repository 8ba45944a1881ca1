"""CNN trained from TFRecord shards."""
import argparse
import os

import keras
import tensorflow as tf
from keras import layers

FEATURES = {
    "image/encoded": tf.io.FixedLenFeature([], tf.string),
    "image/class/label": tf.io.FixedLenFeature([], tf.int64),
}
SIZE = 32


def parse(example):
    ex = tf.io.parse_single_example(example, FEATURES)
    img = tf.io.decode_jpeg(ex["image/encoded"], channels=3)
    img = tf.cast(tf.ensure_shape(img, [SIZE, SIZE, 3]), tf.float32) / 127.5 - 1.0
    return img, tf.one_hot(ex["image/class/label"], 10)


def distort(img, label):
    img = tf.image.random_flip_left_right(img)
    img = tf.pad(img, [[3, 3], [3, 3], [0, 0]], mode="REFLECT")
    img = tf.image.random_crop(img, [SIZE, SIZE, 3])
    return img, label


def dataset(path, batch_size, training):
    ds = tf.data.TFRecordDataset(path, num_parallel_reads=1)
    ds = ds.map(parse, num_parallel_calls=tf.data.AUTOTUNE)
    if training:
        ds = ds.cache()
        ds = ds.shuffle(buffer_size=2 * batch_size)
        ds = ds.map(distort, num_parallel_calls=tf.data.AUTOTUNE)
    return ds.batch(batch_size).prefetch(tf.data.AUTOTUNE)


def residual(x, filters, stride):
    short = x
    x = layers.Conv2D(filters, 3, stride, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization(momentum=0.9)(x)
    x = layers.ReLU()(x)
    x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization(momentum=0.9)(x)
    if stride > 1 or short.shape[-1] != filters:
        short = layers.Conv2D(filters, 1, stride, use_bias=False)(short)
        short = layers.BatchNormalization(momentum=0.9)(short)
    return layers.ReLU()(layers.Add()([x, short]))


def small_resnet():
    inp = keras.Input((SIZE, SIZE, 3))
    x = layers.Conv2D(32, 3, padding="same", use_bias=False)(inp)
    x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
    for filters, stride in ((32, 1), (64, 2), (128, 2)):
        x = residual(x, filters, stride)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inp, layers.Dense(10)(x), name="small_resnet")


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--records", default="tfrecords")
    ap.add_argument("--epochs", type=int, default=50)
    ap.add_argument("--batch_size", type=int, default=32)
    ap.add_argument("--lr", type=float, default=1e-3)
    opts = ap.parse_args()
    keras.utils.set_random_seed(3)

    train_ds = dataset(os.path.join(opts.records, "train.tfrecord"), opts.batch_size, True)
    val_ds = dataset(os.path.join(opts.records, "validation.tfrecord"), opts.batch_size, False)

    model = small_resnet()
    model.compile(keras.optimizers.AdamW(opts.lr, weight_decay=1e-4),
                  keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.05),
                  metrics=[keras.metrics.CategoricalAccuracy(name="acc")])
    model.fit(train_ds, validation_data=val_ds, epochs=opts.epochs, callbacks=[
        keras.callbacks.ModelCheckpoint("tfrec_best.keras", monitor="val_acc", save_best_only=True),
        keras.callbacks.CSVLogger("tfrec_log.csv"),
    ])
