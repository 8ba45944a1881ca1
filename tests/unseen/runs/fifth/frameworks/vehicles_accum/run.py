"""Vehicles from an HDF5 file. Own loop: four micro-batches per update, warm-up from zero."""
import argparse
import math

import h5py
import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

ap = argparse.ArgumentParser()
ap.add_argument("--h5", default="vehicles.h5")
ap.add_argument("--epochs", type=int, default=60)
ap.add_argument("--micro", type=int, default=12)
ap.add_argument("--accum", type=int, default=4)
ap.add_argument("--peak", type=float, default=0.08)


class WarmCosine(keras.optimizers.schedules.LearningRateSchedule):
    def __init__(self, peak, warm, total):
        self.peak, self.warm, self.total = peak, float(warm), float(total)

    def __call__(self, step):
        step = ops.cast(step, "float32")
        rise = self.peak * step / self.warm
        t = ops.clip((step - self.warm) / (self.total - self.warm), 0.0, 1.0)
        fall = 0.5 * self.peak * (1.0 + ops.cos(math.pi * t))
        return ops.where(step < self.warm, rise, fall)

    def get_config(self):
        return dict(peak=self.peak, warm=self.warm, total=self.total)


def build(norm):
    x = inp = keras.Input((40, 40, 3))
    x = norm(x)
    x = layers.RandomFlip("horizontal")(x)
    x = layers.RandomTranslation(0.1, 0.1)(x)
    for f in (24, 48, 96, 96):
        x = layers.Conv2D(f, 3, padding="same", kernel_initializer="he_normal")(x)
        x = layers.LayerNormalization(epsilon=1e-5)(x)
        x = layers.Activation("gelu")(x)
        x = layers.AveragePooling2D(2)(x)
    x = layers.Flatten()(x)
    return keras.Model(inp, layers.Dense(4)(x))


def micro_batches(x, y, order, size):
    for i in range(0, len(order), size):
        take = np.sort(order[i:i + size])
        yield tf.constant(x[take].astype("float32")), tf.constant(y[take].astype("int32"))


def main(a):
    keras.utils.set_random_seed(4)
    rng = np.random.default_rng(4)
    with h5py.File(a.h5) as f:
        x, y = f["train/images"][:], f["train/labels"][:]
        xv, yv = f["val/images"][:], f["val/labels"][:]
    norm = layers.Normalization(axis=-1)
    norm.adapt(x.astype("float32"))
    model = build(norm)
    per_update = a.micro * a.accum
    updates = len(x) // per_update
    optimizer = keras.optimizers.SGD(WarmCosine(a.peak, 3 * updates, a.epochs * updates), momentum=0.9)
    optimizer.build(model.trainable_variables)
    ce = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="sum")
    stores = [tf.Variable(tf.zeros(v.shape), trainable=False) for v in model.trainable_variables]

    @tf.function
    def backward(images, labels):
        with tf.GradientTape() as tape:
            logits = model(images, training=True)
            loss = ce(labels, logits) / per_update
        for s, g in zip(stores, tape.gradient(loss, model.trainable_variables)):
            s.assign_add(g)
        hits = tf.reduce_sum(tf.cast(tf.argmax(logits, -1, output_type=tf.int32) == labels, tf.float32))
        return loss, hits

    @tf.function
    def update():
        optimizer.apply([s + 0.0 for s in stores])
        for s in stores:
            s.assign(tf.zeros_like(s))

    for epoch in range(a.epochs):
        order = rng.permutation(len(x))[:updates * per_update]
        total = right = 0.0
        for k, (images, labels) in enumerate(micro_batches(x, y, order, a.micro), 1):
            loss, hits = backward(images, labels)
            total, right = total + float(loss), right + float(hits)
            if k % a.accum == 0:
                update()
        guess = np.concatenate([np.argmax(model(xv[i:i + 70].astype("float32"), training=False), -1)
                                for i in range(0, len(xv), 70)])
        print(f"{epoch + 1:3d}  loss {total / updates:.4f}  train {right / len(order):.4f}  val {(guess == yv).mean():.4f}")


if __name__ == "__main__":
    main(ap.parse_args())
