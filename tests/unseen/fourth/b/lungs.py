"""Chest radiographs, three findings.  TF 2.10, one RTX card, half precision."""
import argparse
import datetime
import os

import tensorflow as tf

parser = argparse.ArgumentParser()
parser.add_argument("--train-dir", default="cxr/train")
parser.add_argument("--val-dir", default="cxr/val")
parser.add_argument("--logs", default="logs")
parser.add_argument("--epochs", type=int, default=50)
parser.add_argument("--batch", type=int, default=64)
parser.add_argument("--lr", type=float, default=3e-4)
opt = parser.parse_args()

tf.keras.mixed_precision.set_global_policy("mixed_float16")

FINDINGS = ["normal", "bacterial", "viral"]
SIDE = 256


def folder(path, shuffle):
    ds = tf.keras.utils.image_dataset_from_directory(
        path, class_names=FINDINGS, color_mode="grayscale",
        image_size=(SIDE, SIDE), batch_size=opt.batch, shuffle=shuffle)
    return ds.prefetch(tf.data.AUTOTUNE)


def make_net():
    L = tf.keras.layers
    inp = tf.keras.Input((SIDE, SIDE, 1))
    h = L.Rescaling(1.0 / 255)(inp)
    h = L.RandomRotation(0.02)(h)
    for i, width in enumerate([24, 48, 96, 192, 192]):
        h = L.Conv2D(width, 3, padding="same", use_bias=False, name=f"conv{i}")(h)
        h = L.BatchNormalization(name=f"bn{i}")(h)
        h = L.Activation("relu")(h)
        h = L.MaxPooling2D()(h)
    h = L.GlobalAveragePooling2D()(h)
    h = L.Dropout(0.4)(h)
    h = L.Dense(len(FINDINGS))(h)
    return tf.keras.Model(inp, L.Activation("linear", dtype="float32")(h))


class Loop:
    def __init__(self, net):
        self.net = net
        self.criterion = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        self.optimizer = tf.keras.optimizers.Adam(opt.lr)  # fault: C343
        self.loss = tf.keras.metrics.Mean()
        self.acc = tf.keras.metrics.SparseCategoricalAccuracy()

    @tf.function
    def update(self, x, y):
        with tf.GradientTape() as tape:
            logits = self.net(x, training=True)
            loss = self.criterion(y, logits)
        grads = tape.gradient(loss, self.net.trainable_variables)
        self.optimizer.apply_gradients(zip(grads, self.net.trainable_variables))
        self.loss.update_state(loss, sample_weight=tf.shape(y)[0])
        self.acc.update_state(y, logits)

    @tf.function
    def measure(self, x, y):
        logits = self.net(x, training=False)
        self.loss.update_state(self.criterion(y, logits), sample_weight=tf.shape(y)[0])
        self.acc.update_state(y, logits)

    def read(self):
        values = float(self.loss.result()), float(self.acc.result())
        self.loss.reset_state()
        self.acc.reset_state()
        return values


def main():
    train, val = folder(opt.train_dir, True), folder(opt.val_dir, False)
    loop = Loop(make_net())
    stamp = datetime.datetime.now().strftime("%m%d-%H%M")
    writer = tf.summary.create_file_writer(os.path.join(opt.logs, stamp))
    for epoch in range(opt.epochs):
        for x, y in train:
            loop.update(x, y)
        tl, ta = loop.read()
        for x, y in val:
            loop.measure(x, y)
        vl, va = loop.read()
        with writer.as_default(step=epoch):
            for name, value in zip(("train/loss", "train/acc", "val/loss", "val/acc"), (tl, ta, vl, va)):
                tf.summary.scalar(name, value)
        print(f"{epoch:3d}  {tl:.4f} {ta:.4f}  |  {vl:.4f} {va:.4f}")
    loop.net.save(os.path.join(opt.logs, stamp, "net.h5"))


if __name__ == "__main__":
    main()
