"""TFRecord shards -> small VGG-like network, model.fit."""
import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
import keras
import tensorflow as tf
from keras import layers

AUTO = tf.data.AUTOTUNE
ap = argparse.ArgumentParser()
ap.add_argument("--records", default="shards")
ap.add_argument("--epochs", type=int, default=45)
ap.add_argument("--batch-size", type=int, default=32)
ap.add_argument("--lr", type=float, default=0.01)
opt = ap.parse_args()
keras.utils.set_random_seed(4)

SPEC = {
    "image": tf.io.FixedLenFeature([], tf.string),
    "label": tf.io.FixedLenFeature([], tf.int64),
}


def parse(example):
    item = tf.io.parse_single_example(example, SPEC)
    image = tf.io.decode_jpeg(item["image"], channels=3)
    image = tf.image.resize(image, (56, 56))
    image.set_shape((56, 56, 3))
    return image, tf.one_hot(item["label"], 10)


def jitter(image, label):
    image = tf.image.random_flip_left_right(image)
    image = tf.image.random_brightness(image, 20.0)
    image = tf.image.random_contrast(image, 0.85, 1.15)
    return tf.clip_by_value(image, 0.0, 255.0), label


def training_set():
    files = sorted(tf.io.gfile.glob(os.path.join(opt.records, "train-*.tfrecord")))
    ds = tf.data.TFRecordDataset(files)
    ds = ds.map(parse, num_parallel_calls=AUTO).cache()
    ds = ds.shuffle(64, reshuffle_each_iteration=True)
    return ds.map(jitter, num_parallel_calls=AUTO).batch(opt.batch_size).prefetch(AUTO)


def validation_set():
    ds = tf.data.TFRecordDataset(os.path.join(opt.records, "valid.tfrecord"))
    return ds.map(parse, num_parallel_calls=AUTO).batch(opt.batch_size).cache().prefetch(AUTO)


def network():
    reg = keras.regularizers.L2(5e-4)
    inp = keras.Input((56, 56, 3))
    x = layers.Normalization(mean=[125.3, 123.0, 113.9], variance=[63.0 ** 2, 62.1 ** 2, 66.7 ** 2])(inp)
    for width, times in ((32, 2), (64, 2), (128, 2)):
        for _ in range(times):
            x = layers.Conv2D(width, 3, padding="same", use_bias=False, kernel_regularizer=reg)(x)
            x = layers.BatchNormalization()(x)
            x = layers.ReLU()(x)
        x = layers.MaxPooling2D()(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.4)(x)
    return keras.Model(inp, layers.Dense(10)(x))


model = network()
model.compile(
    keras.optimizers.SGD(opt.lr, momentum=0.9),
    keras.losses.CategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
model.fit(
    training_set(),
    validation_data=validation_set(),
    epochs=opt.epochs,
    verbose=2,
    callbacks=[keras.callbacks.ReduceLROnPlateau("val_loss", factor=0.3, patience=6, min_lr=1e-5)],
)
