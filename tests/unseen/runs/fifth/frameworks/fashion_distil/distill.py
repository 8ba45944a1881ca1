"""Trains a teacher, then a small student from the teacher's softened outputs."""
import argparse
import gzip

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops


def idx(path, offset):
    with gzip.open(path) as f:
        return np.frombuffer(f.read(), np.uint8, offset=offset)


def load(root):
    out = []
    for part in ("train", "t10k"):
        x = idx(f"{root}/{part}-images-idx3-ubyte.gz", 16).reshape(-1, 28, 28, 1)
        out += [x.astype("float32") / 255.0, idx(f"{root}/{part}-labels-idx1-ubyte.gz", 8).astype("int64")]
    return out


def cnn(widths, dense, name):
    m = keras.Sequential(name=name)
    m.add(keras.Input((28, 28, 1)))
    for w in widths:
        m.add(layers.Conv2D(w, 3, padding="same", activation="relu"))
        m.add(layers.BatchNormalization(momentum=0.9))
        m.add(layers.MaxPooling2D())
    m.add(layers.Flatten())
    m.add(layers.Dense(dense, activation="relu"))
    m.add(layers.Dropout(0.2))
    m.add(layers.Dense(10))
    return m


class Distiller(keras.Model):
    def __init__(self, teacher, student, temperature=4.0, alpha=0.7):
        super().__init__()
        self.student = student
        self.teacher = teacher
        self.teacher.trainable = False
        self.t, self.alpha = temperature, alpha

    def call(self, x, training=None):
        return self.student(x, training=training)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        hard = super().compute_loss(x, y, y_pred, sample_weight)
        if not training:
            return hard
        target = ops.softmax(ops.stop_gradient(self.teacher(x, training=False)) / self.t)
        log_q = ops.log_softmax(y_pred / self.t)
        kl = ops.sum(target * (ops.log(target + 1e-8) - log_q), axis=-1)
        return self.alpha * self.t ** 2 * ops.mean(kl) + (1 - self.alpha) * hard


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--data", default="fashion")
    p.add_argument("--teacher-epochs", type=int, default=15)
    p.add_argument("--epochs", type=int, default=40)
    p.add_argument("--batch", type=int, default=60)
    a = p.parse_args()
    keras.utils.set_random_seed(77)
    x, y, xt, yt = load(a.data)
    ce = lambda: keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    teacher = cnn((32, 64, 128), 256, "teacher")
    teacher.compile(keras.optimizers.Adam(1e-3), ce(), metrics=["accuracy"])
    teacher.fit(x, y, batch_size=a.batch, epochs=a.teacher_epochs, validation_data=(xt, yt), verbose=2)

    student = cnn((8, 16), 32, "student")
    distiller = Distiller(teacher, student)
    distiller.compile(keras.optimizers.Adam(2e-3), ce(), metrics=["accuracy"])
    distiller.fit(x, y, batch_size=a.batch, epochs=a.epochs, validation_data=(xt, yt), verbose=2)
    student.save("student.keras")


if __name__ == "__main__":
    main()
