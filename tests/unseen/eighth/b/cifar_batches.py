"""CIFAR-10 from the pickled python version, small wide residual network, plain train_on_batch."""
import argparse
import pickle
from pathlib import Path

import numpy as np
import tensorflow as tf
from tensorflow.keras import layers, regularizers

KEEP_BACK = 5000
L2 = regularizers.l2(2.5e-4)


def unpickle(path):
    with open(path, "rb") as f:
        d = pickle.load(f, encoding="bytes")
    img = d[b"data"].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    return img, np.array(d[b"labels"], dtype=np.int64)


def gather(folder):
    parts = [unpickle(folder / f"data_batch_{i}") for i in range(1, 6)]
    img = np.concatenate([p[0] for p in parts])
    lab = np.concatenate([p[1] for p in parts])
    return (img, lab), unpickle(folder / "test_batch")


class Pre(layers.Layer):
    """BN, ReLU, 3x3."""

    def __init__(self, width, stride=1):
        super().__init__()
        self.bn = layers.BatchNormalization()
        self.act = layers.ReLU()
        self.conv = layers.Conv2D(width, 3, stride, padding="same", use_bias=False, kernel_regularizer=L2)

    def call(self, x, training=None):
        return self.conv(self.act(self.bn(x, training=training)))


class Residual(layers.Layer):
    def __init__(self, width, stride, project):
        super().__init__()
        self.one = Pre(width, stride)
        self.two = Pre(width)
        self.side = (
            layers.Conv2D(width, 1, stride, use_bias=False, kernel_regularizer=L2) if project else None
        )

    def call(self, x, training=None):
        y = self.two(self.one(x, training=training), training=training)
        return y + (x if self.side is None else self.side(x))


class SmallWRN(tf.keras.Model):
    def __init__(self, widths=(64, 128, 256), depth=2, outputs=10):
        super().__init__()
        self.stem = layers.Conv2D(16, 3, padding="same", use_bias=False, kernel_regularizer=L2)
        self.blocks = []
        for stage, w in enumerate(widths):
            for b in range(depth):
                self.blocks.append(Residual(w, 2 if stage and b == 0 else 1, b == 0))
        self.bn = layers.BatchNormalization()
        self.act = layers.ReLU()
        self.pool = layers.GlobalAveragePooling2D()
        self.fc = layers.Dense(outputs, kernel_regularizer=L2)

    def call(self, x, training=None):
        x = self.stem(x)
        for block in self.blocks:
            x = block(x, training=training)
        x = self.act(self.bn(x, training=training))
        return self.fc(self.pool(x))


def shake(batch, rng):
    """random 32x32 window of the picture padded by 4, mirrored half of the time"""
    n = len(batch)
    padded = np.pad(batch, ((0, 0), (4, 4), (4, 4), (0, 0)), mode="reflect")
    out = np.empty_like(batch)
    tops, lefts = rng.integers(0, 9, n), rng.integers(0, 9, n)
    mirror = rng.random(n) < 0.5
    for i in range(n):
        piece = padded[i, tops[i]:tops[i] + 32, lefts[i]:lefts[i] + 32]
        out[i] = piece[:, ::-1] if mirror[i] else piece
    return out


def accuracy(model, x, y):
    logits = model.predict(x, batch_size=500, verbose=0)
    return float((logits.argmax(1) == y).mean())


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("folder", type=Path)
    ap.add_argument("--epochs", type=int, default=60)
    ap.add_argument("--batch", type=int, default=128)
    ap.add_argument("--seed", type=int, default=8)
    a = ap.parse_args()

    rng = np.random.default_rng(a.seed)
    tf.keras.utils.set_random_seed(a.seed)

    (img, lab), (test_img, test_lab) = gather(a.folder)
    order = rng.permutation(len(img))
    dev_ids, train_ids = order[:KEEP_BACK], order[KEEP_BACK:]

    x = img[train_ids].astype("float32") / 255.0
    mean, std = x.mean((0, 1, 2)), x.std((0, 1, 2))
    x = (x - mean) / std
    y = lab[train_ids]
    dev_x, dev_y = (img[dev_ids].astype("float32") / 255.0 - mean) / std, lab[dev_ids]
    test_x = (test_img.astype("float32") / 255.0 - mean) / std

    steps = len(x) // a.batch
    total = steps * a.epochs
    rate = tf.keras.optimizers.schedules.PiecewiseConstantDecay(
        [total // 2, total * 3 // 4, total * 9 // 10], [0.1, 0.02, 0.004, 0.0008]
    )
    model = SmallWRN()
    model.compile(
        optimizer=tf.keras.optimizers.SGD(rate, momentum=0.9, nesterov=True),
        loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )

    best, best_weights = 0.0, None
    for epoch in range(a.epochs):
        perm = rng.permutation(len(x))
        running = []
        for s in range(steps):
            ids = perm[s * a.batch:(s + 1) * a.batch]
            model.reset_metrics()
            running.append(model.train_on_batch(shake(x[ids], rng), y[ids], return_dict=True)["loss"])
        dev = accuracy(model, dev_x, dev_y)
        if dev > best:
            best, best_weights = dev, model.get_weights()
        print(f"epoch {epoch + 1:3d}  loss {np.mean(running):.4f}  dev {dev:.4f}")

    model.set_weights(best_weights)
    print("dev", best, " test", accuracy(model, test_x, test_lab))


if __name__ == "__main__":
    main()
