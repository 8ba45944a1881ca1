"""Residual network on 48 px pictures kept in one HDF5 file; own training loop."""
import os
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
import h5py
import keras
import numpy as np
import tensorflow as tf
from keras import layers

FILE = "store.h5"
EPOCHS, BATCH = 50, 32
tf.random.set_seed(3)


def read(part):
    with h5py.File(FILE, "r") as h:
        return h[f"{part}/images"][:], h[f"{part}/labels"][:]


def make(part, training):
    x, y = read(part)
    ds = tf.data.Dataset.from_tensor_slices((x, y.astype("int32")))
    if training:
        ds = ds.shuffle(len(x), reshuffle_each_iteration=True)

    def prepare(im, lab):
        im = tf.cast(im, tf.float32) / 127.5 - 1.0
        if training:
            im = tf.image.random_flip_left_right(im)
            im = tf.pad(im, [[4, 4], [4, 4], [0, 0]], mode="REFLECT")
            im = tf.image.random_crop(im, (48, 48, 3))
        return im, lab

    return ds.map(prepare, num_parallel_calls=2).batch(BATCH, drop_remainder=training).prefetch(2)


class Unit(layers.Layer):
    def __init__(self, filters, stride=1):
        super().__init__()
        self.c1 = layers.Conv2D(filters, 3, stride, padding="same", use_bias=False, kernel_initializer="he_normal")
        self.n1 = layers.BatchNormalization()
        self.c2 = layers.Conv2D(filters, 3, padding="same", use_bias=False, kernel_initializer="he_normal")
        self.n2 = layers.BatchNormalization()
        self.short = layers.Conv2D(filters, 1, stride, use_bias=False) if stride > 1 else None

    def call(self, x, training=None):
        y = tf.nn.relu(self.n1(self.c1(x), training=training))
        y = self.n2(self.c2(y), training=training)
        s = self.short(x) if self.short is not None else x
        return tf.nn.relu(y + s)


class Net(keras.Model):
    def __init__(self, classes):
        super().__init__()
        self.stem = layers.Conv2D(32, 3, padding="same", use_bias=False, kernel_initializer="he_normal")
        self.norm = layers.BatchNormalization()
        self.units = [Unit(32), Unit(64, 2), Unit(64), Unit(128, 2), Unit(128)]
        self.pool = layers.GlobalAveragePooling2D()
        self.drop = layers.Dropout(0.25)
        self.out = layers.Dense(classes)

    def call(self, x, training=None):
        x = tf.nn.relu(self.norm(self.stem(x), training=training))
        for u in self.units:
            x = u(x, training=training)
        return self.out(self.drop(self.pool(x), training=training))


train_ds, valid_ds = make("train", True), make("valid", False)
model = Net(10)
model.build((None, 48, 48, 3))
print("parameters", model.count_params())
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
optimizer = keras.optimizers.SGD(learning_rate=0.02, momentum=0.9, nesterov=True)
train_loss, train_acc = keras.metrics.Mean(), keras.metrics.SparseCategoricalAccuracy()
valid_acc = keras.metrics.SparseCategoricalAccuracy()


@tf.function
def train_step(images, labels):
    with tf.GradientTape() as tape:
        logits = model(images)
        loss = loss_fn(labels, logits)
    grads = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(grads, model.trainable_variables))
    train_loss.update_state(loss)
    train_acc.update_state(labels, logits)


@tf.function
def valid_step(images, labels):
    valid_acc.update_state(labels, model(images, training=False))


for epoch in range(EPOCHS):
    start = time.time()
    for m in (train_loss, train_acc, valid_acc):
        m.reset_state()
    for images, labels in train_ds:
        train_step(images, labels)
    for images, labels in valid_ds:
        valid_step(images, labels)
    print(f"{epoch + 1:3d} loss {float(train_loss.result()):.4f} acc {float(train_acc.result()):.3f} "
          f"val {float(valid_acc.result()):.3f} {time.time() - start:.0f}s", flush=True)
    if epoch in (29, 42):
        optimizer.learning_rate.assign(float(optimizer.learning_rate) * 0.1)
