"""House numbers with a hand written loop (TF 2.x).

    python svhn_loop.py --epochs 30 --out runs/svhn
"""
import argparse
import os
import time

import tensorflow as tf
import tensorflow_datasets as tfds
from tensorflow.keras import layers


class ConvUnit(layers.Layer):
    def __init__(self, width, stride=1, **kw):
        super().__init__(**kw)
        self.conv = layers.Conv2D(width, 3, strides=stride, padding="same", use_bias=False,
                                  kernel_initializer="he_normal")
        self.bn = layers.BatchNormalization()

    def call(self, x):
        return tf.nn.relu(self.bn(self.conv(x), training=True))  # fault: C334


class DigitNet(tf.keras.Model):
    def __init__(self, n_out=10):
        super().__init__()
        self.stages = [ConvUnit(48), ConvUnit(48), ConvUnit(96, stride=2), ConvUnit(96),
                       ConvUnit(192, stride=2), ConvUnit(192)]
        self.pool = layers.GlobalAveragePooling2D()
        self.drop = layers.Dropout(0.25)
        self.fc = layers.Dense(n_out)

    def call(self, x, training=False):
        for stage in self.stages:
            x = stage(x)
        return self.fc(self.drop(self.pool(x), training=training))


def to_unit(img, lab):
    return tf.cast(img, tf.float32) / 255.0, lab


def load(batch):
    tr, va, te = tfds.load("svhn_cropped", split=["train[:92%]", "train[92%:]", "test"], as_supervised=True)
    n = int(tr.cardinality())
    tr = tr.map(to_unit, tf.data.AUTOTUNE).cache().shuffle(20000).batch(batch, drop_remainder=True)
    va = va.map(to_unit, tf.data.AUTOTUNE).batch(batch).cache()
    te = te.map(to_unit, tf.data.AUTOTUNE).batch(batch)
    return tr.prefetch(2), va.prefetch(2), te.prefetch(2), n // batch


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--epochs", type=int, default=30)
    ap.add_argument("--batch", type=int, default=128)
    ap.add_argument("--lr", type=float, default=0.05)
    ap.add_argument("--out", default="runs/svhn")
    a = ap.parse_args()

    tf.random.set_seed(3)
    tr, va, te, steps = load(a.batch)
    net = DigitNet()
    rate = tf.keras.optimizers.schedules.CosineDecay(a.lr, a.epochs * steps)
    opt = tf.keras.optimizers.SGD(rate, momentum=0.9, nesterov=True)
    xent = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    mean_loss = tf.keras.metrics.Mean()
    hit = tf.keras.metrics.SparseCategoricalAccuracy()

    @tf.function
    def learn(x, y):
        with tf.GradientTape() as tape:
            z = net(x, training=True)
            loss = xent(y, z)
        g = tape.gradient(loss, net.trainable_variables)
        opt.apply_gradients(zip(g, net.trainable_variables))
        mean_loss.update_state(loss)
        hit.update_state(y, z)

    @tf.function
    def look(x, y):
        z = net(x, training=False)
        mean_loss.update_state(xent(y, z), sample_weight=tf.shape(y)[0])
        hit.update_state(y, z)

    def sweep(fn, ds):
        mean_loss.reset_state()
        hit.reset_state()
        for x, y in ds:
            fn(x, y)
        return float(mean_loss.result()), float(hit.result())

    for e in range(a.epochs):
        t0 = time.time()
        l, acc = sweep(learn, tr)
        vl, vacc = sweep(look, va)
        print(f"[{e + 1:02d}] loss {l:.4f} acc {acc:.4f} | val {vl:.4f} {vacc:.4f} ({time.time() - t0:.0f}s)")

    print("test loss %.4f acc %.4f" % sweep(look, te))
    os.makedirs(a.out, exist_ok=True)
    net.save_weights(os.path.join(a.out, "digitnet.weights.h5"))


if __name__ == "__main__":
    main()
