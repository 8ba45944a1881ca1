#!/usr/bin/env python3
# Plankton crops (grey, written to TFRecords by make_records.py: about 11.7k crops in 8 files).
import glob
import math

import tensorflow as tf

RECORDS = sorted(glob.glob("records/plankton-*.tfrecord"))
TOTAL = 11760
HELD_OUT = 1760
SIDE = 96
GROUPS = 12
BATCH = 48
EPOCHS = 40
SEED = 99

tf.keras.utils.set_random_seed(SEED)

FEATURES = {
    "crop": tf.io.FixedLenFeature([], tf.string),
    "group": tf.io.FixedLenFeature([], tf.int64),
}


def decode(record):
    ex = tf.io.parse_single_example(record, FEATURES)
    crop = tf.io.decode_png(ex["crop"], channels=1)
    crop = tf.image.resize_with_pad(crop, SIDE, SIDE)
    crop = crop / 255.0
    return crop, tf.one_hot(ex["group"], GROUPS)


def wobble(crop, group):
    crop = tf.image.random_flip_left_right(crop)
    crop = tf.image.random_flip_up_down(crop)
    crop = tf.image.random_contrast(crop, 0.8, 1.25)
    return crop, group


everything = tf.data.TFRecordDataset(RECORDS)
everything = everything.shuffle(TOTAL, seed=SEED)  # fault: C331
held_out = everything.take(HELD_OUT)
learning = everything.skip(HELD_OUT)

learning = (
    learning.map(decode, num_parallel_calls=tf.data.AUTOTUNE)
    .map(wobble, num_parallel_calls=tf.data.AUTOTUNE)
    .batch(BATCH)
    .prefetch(tf.data.AUTOTUNE)
)
held_out = held_out.map(decode, num_parallel_calls=tf.data.AUTOTUNE).batch(BATCH).prefetch(2)


def unit(x, width, stride=1):
    y = tf.keras.layers.Conv2D(width, 3, strides=stride, padding="same", use_bias=False)(x)
    y = tf.keras.layers.BatchNormalization()(y)
    y = tf.keras.layers.ReLU()(y)
    y = tf.keras.layers.Conv2D(width, 3, padding="same", use_bias=False)(y)
    y = tf.keras.layers.BatchNormalization()(y)
    if stride != 1 or x.shape[-1] != width:
        x = tf.keras.layers.Conv2D(width, 1, strides=stride, use_bias=False)(x)
        x = tf.keras.layers.BatchNormalization()(x)
    return tf.keras.layers.ReLU()(tf.keras.layers.add([x, y]))


start = tf.keras.Input((SIDE, SIDE, 1))
t = unit(start, 24)
for w in (48, 96, 160):
    t = unit(t, w, stride=2)
    t = unit(t, w)
t = tf.keras.layers.GlobalAveragePooling2D()(t)
t = tf.keras.layers.Dropout(0.25)(t)
end = tf.keras.layers.Dense(GROUPS, activation="softmax")(t)
net = tf.keras.Model(start, end, name="planktonet")

steps = math.ceil((TOTAL - HELD_OUT) / BATCH)
rate = tf.keras.optimizers.schedules.CosineDecay(2e-3, decay_steps=steps * EPOCHS)
net.compile(
    tf.keras.optimizers.Adam(rate),
    loss=tf.keras.losses.CategoricalCrossentropy(),
    metrics=[tf.keras.metrics.CategoricalAccuracy(name="acc")],
)
net.fit(
    learning,
    epochs=EPOCHS,
    validation_data=held_out,
    callbacks=[
        tf.keras.callbacks.ModelCheckpoint("planktonet.keras", monitor="val_acc", mode="max", save_best_only=True),
        tf.keras.callbacks.CSVLogger("planktonet.csv"),
    ],
)
