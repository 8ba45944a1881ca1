"""MobileNetV3-small from scratch; the class is the part of the name before the underscore."""
import argparse
import math
import pathlib
import random

import keras
import tensorflow as tf

p = argparse.ArgumentParser()
p.add_argument("--images", default="coded")
p.add_argument("--size", type=int, default=64)
p.add_argument("--batch", type=int, default=32)
p.add_argument("--epochs", type=int, default=80)
p.add_argument("--holdout", type=float, default=0.15)
p.add_argument("--seed", type=int, default=8)
opt = p.parse_args()

keras.utils.set_random_seed(opt.seed)
files = sorted(pathlib.Path(opt.images).glob("*.jpg"))
random.Random(opt.seed).shuffle(files)
classes = sorted({f.name.split("_")[0] for f in files})
labels = [classes.index(f.name.split("_")[0]) for f in files]
files = [str(f) for f in files]
cut = int(len(files) * opt.holdout)
print(len(files) - cut, "for training,", cut, "held out,", len(classes), "classes")


def read(path, label):
    img = tf.io.decode_jpeg(tf.io.read_file(path), channels=3)
    img = tf.image.convert_image_dtype(img, tf.float32)
    img = tf.image.resize(img, (opt.size, opt.size))
    return img, label


def jitter(img, label):
    img = tf.image.random_flip_left_right(img)
    img = tf.image.random_brightness(img, 0.1)
    img = tf.image.random_contrast(img, 0.8, 1.2)
    return tf.clip_by_value(img, 0.0, 1.0), label


def pipeline(paths, targets, training):
    ds = tf.data.Dataset.from_tensor_slices((paths, targets))
    if training:
        ds = ds.shuffle(len(paths), seed=opt.seed)
    ds = ds.map(read, num_parallel_calls=tf.data.AUTOTUNE)
    if training:
        ds = ds.map(jitter, num_parallel_calls=tf.data.AUTOTUNE)
    return ds.batch(opt.batch).prefetch(tf.data.AUTOTUNE)


train = pipeline(files[cut:], labels[cut:], True)
held = pipeline(files[:cut], labels[:cut], False)

model = keras.applications.MobileNetV3Small(
    input_shape=(opt.size, opt.size, 3), weights=None, classes=len(classes), dropout_rate=0.2)
for layer in model.layers:
    if isinstance(layer, keras.layers.BatchNormalization):
        layer.momentum = 0.9

steps = math.ceil((len(files) - cut) / opt.batch) * opt.epochs
rate = keras.optimizers.schedules.CosineDecay(
    initial_learning_rate=1e-4, decay_steps=steps, warmup_target=2e-3, warmup_steps=steps // 20)
model.compile(
    optimizer=keras.optimizers.AdamW(rate, weight_decay=1e-4),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy", keras.metrics.SparseTopKCategoricalAccuracy(3, name="top3")],
)
model.fit(train, validation_data=held, epochs=opt.epochs,
          callbacks=[keras.callbacks.ModelCheckpoint("mnv3_{epoch:02d}.weights.h5", save_freq="epoch",
                                                     save_weights_only=True, monitor="val_loss",
                                                     save_best_only=True)])
