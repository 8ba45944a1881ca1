"""Own training loop in Keras 3 / TensorFlow, compiled step, warm-up and cosine by hand."""
import argparse
import math
import os
import time

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
import keras
import numpy as np
import tensorflow as tf
from keras import layers


def build(classes):
    inp = keras.Input((32, 32, 3))
    x = inp
    for w, n in ((32, 1), (64, 2), (128, 2)):
        for _ in range(n):
            x = layers.Conv2D(w, 3, padding="same", use_bias=False, kernel_initializer="he_normal")(x)
            x = layers.BatchNormalization(momentum=0.9)(x)
            x = layers.LeakyReLU(0.1)(x)
        x = layers.MaxPooling2D()(x)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inp, layers.Dense(classes)(x))


class Loop:
    def __init__(self, net, peak, warm, total):
        self.net = net
        self.opt = keras.optimizers.SGD(learning_rate=0.0, momentum=0.9, nesterov=True)
        self.opt.build(net.trainable_variables)
        self.ce = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        self.peak, self.warm, self.total = peak, warm, total
        self.seen = 0
        self.train_loss, self.train_acc = keras.metrics.Mean(), keras.metrics.SparseCategoricalAccuracy()
        self.val_loss, self.val_acc = keras.metrics.Mean(), keras.metrics.SparseCategoricalAccuracy()

    def rate(self):
        if self.seen < self.warm:
            return self.peak * (self.seen + 1) / self.warm
        t = (self.seen - self.warm) / max(1, self.total - self.warm)
        return self.peak * 0.5 * (1 + math.cos(math.pi * min(1.0, t)))

    @tf.function
    def step(self, x, y):
        self.opt.learning_rate = self.rate()
        with tf.GradientTape() as tape:
            logits = self.net(x, training=True)
            loss = self.ce(y, logits)
        grads = tape.gradient(loss, self.net.trainable_variables)
        grads, _ = tf.clip_by_global_norm(grads, 5.0)
        self.opt.apply(grads, self.net.trainable_variables)
        self.train_loss.update_state(loss)
        self.train_acc.update_state(y, logits)

    @tf.function
    def check(self, x, y):
        logits = self.net(x, training=False)
        self.val_loss.update_state(self.ce(y, logits))
        self.val_acc.update_state(y, logits)

    def epoch(self, train, val):
        for m in (self.train_loss, self.train_acc, self.val_loss, self.val_acc):
            m.reset_state()
        for x, y in train:
            self.step(x, y)
            self.seen += 1
        for x, y in val:
            self.check(x, y)


def crop_flip(x, y):
    x = tf.image.random_flip_left_right(x)
    x = tf.pad(x, [[0, 0], [3, 3], [3, 3], [0, 0]], mode="REFLECT")
    return tf.image.random_crop(x, [tf.shape(x)[0], 32, 32, 3]), y


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("npz", nargs="?", default="mix32.npz")
    ap.add_argument("--epochs", type=int, default=60)
    ap.add_argument("--bs", type=int, default=50)
    ap.add_argument("--peak", type=float, default=0.05)
    ap.add_argument("--warm-epochs", type=int, default=5)
    a = ap.parse_args()
    keras.utils.set_random_seed(0)
    z = np.load(a.npz)
    x, y = z["x"].astype("float32") / 127.5 - 1.0, z["y"].astype("int64")
    cut = int(len(x) * 0.85)
    train = tf.data.Dataset.from_tensor_slices((x[:cut], y[:cut])).shuffle(cut).batch(a.bs, drop_remainder=True)
    train = train.map(crop_flip).prefetch(2)
    val = tf.data.Dataset.from_tensor_slices((x[cut:], y[cut:])).batch(100)
    per = cut // a.bs
    loop = Loop(build(10), a.peak, a.warm_epochs * per, a.epochs * per)
    for e in range(a.epochs):
        t = time.time()
        loop.epoch(train, val)
        print(f"{e:3d} lr {loop.rate():.5f} loss {float(loop.train_loss.result()):.4f} acc {float(loop.train_acc.result()):.4f}"
              f" | val loss {float(loop.val_loss.result()):.4f} acc {float(loop.val_acc.result()):.4f} ({time.time() - t:.1f}s)", flush=True)


if __name__ == "__main__":
    main()
