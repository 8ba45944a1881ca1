"""Pickled batches (planes of colour per row); a slow optimizer for the stem, a fast one for the rest."""
import pickle

import keras
import numpy as np
import tensorflow as tf
from keras import layers

SETTINGS = {"root": "batches", "epochs": 55, "batch": 50, "stem_lr": 0.01, "rest_lr": 1e-3}


def read(name):
    with open(f"{SETTINGS['root']}/{name}", "rb") as f:
        d = pickle.load(f, encoding="bytes")
    x = d[b"data"].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    return x, np.array(d[b"labels"], dtype=np.int32)


def load():
    a, b = read("data_batch_1"), read("data_batch_2")
    x, y = np.concatenate([a[0], b[0]]), np.concatenate([a[1], b[1]])
    xt, yt = read("test_batch")
    mu, sd = x.mean((0, 1, 2)) / 255.0, x.std((0, 1, 2)) / 255.0
    prep = lambda v: ((v / 255.0 - mu) / sd).astype("float32")
    return prep(x), y, prep(xt), yt


def make():
    stem = keras.Sequential([
        keras.Input((32, 32, 3)),
        layers.Conv2D(32, 3, padding="same", use_bias=False), layers.BatchNormalization(momentum=0.9), layers.ReLU(),
        layers.Conv2D(64, 3, padding="same", use_bias=False), layers.BatchNormalization(momentum=0.9), layers.ReLU(),
        layers.MaxPooling2D(),
    ], name="stem")
    rest = keras.Sequential([
        keras.Input((16, 16, 64)),
        layers.Conv2D(128, 3, padding="same", use_bias=False), layers.BatchNormalization(momentum=0.9), layers.ReLU(),
        layers.MaxPooling2D(),
        layers.Conv2D(128, 3, padding="same", use_bias=False), layers.BatchNormalization(momentum=0.9), layers.ReLU(),
        layers.GlobalAveragePooling2D(), layers.Dropout(0.3), layers.Dense(10),
    ], name="rest")
    inp = keras.Input((32, 32, 3))
    return keras.Model(inp, rest(stem(inp))), stem, rest


class Learner:
    def __init__(self, steps):
        self.model, self.stem, self.rest = make()
        self.slow = keras.optimizers.SGD(keras.optimizers.schedules.CosineDecay(SETTINGS["stem_lr"], steps), momentum=0.9)
        self.fast = keras.optimizers.AdamW(keras.optimizers.schedules.CosineDecay(SETTINGS["rest_lr"], steps), weight_decay=1e-3)
        self.slow.build(self.stem.trainable_variables)
        self.fast.build(self.rest.trainable_variables)
        self.ce = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    @tf.function
    def step(self, x, y):
        with tf.GradientTape(persistent=True) as tape:
            logits = self.model(x, training=True)
            loss = self.ce(y, logits)
        g_stem = tape.gradient(loss, self.stem.trainable_variables)
        g_rest = tape.gradient(loss, self.rest.trainable_variables)
        del tape
        self.slow.apply(g_stem, self.stem.trainable_variables)
        self.fast.apply(g_rest, self.rest.trainable_variables)
        return loss

    @tf.function
    def infer(self, x):
        return self.model(x, training=False)


def augment(x, y):
    x = tf.image.random_flip_left_right(x)
    x = tf.image.random_crop(tf.pad(x, [[0, 0], [4, 4], [4, 4], [0, 0]]), tf.shape(x))
    return x, y


def main():
    keras.utils.set_random_seed(12)
    x, y, xt, yt = load()
    ds = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x)).batch(SETTINGS["batch"], drop_remainder=True)
    ds = ds.map(augment, num_parallel_calls=2).prefetch(2)
    learner = Learner(len(x) // SETTINGS["batch"] * SETTINGS["epochs"])
    for epoch in range(SETTINGS["epochs"]):
        losses = [float(learner.step(a, b)) for a, b in ds]
        pred = np.concatenate([learner.infer(xt[i:i + 100]).numpy().argmax(1) for i in range(0, len(xt), 100)])
        print(f"epoch {epoch}: loss {np.mean(losses):.4f}, test accuracy {np.mean(pred == yt):.4f}", flush=True)


if __name__ == "__main__":
    main()
