"""Pickled batches, a model class with its own train_step (mixup) and an averaged copy of the weights."""
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
import keras
import numpy as np
import tensorflow as tf
from keras import layers

from batches import read_batches

keras.utils.set_random_seed(2)
x, y = read_batches(["data_batch_1", "data_batch_2", "data_batch_3"])
xt, yt = read_batches(["test_batch"])
mean, std = x.mean((0, 1, 2)) / 255.0, x.std((0, 1, 2)) / 255.0


def scaled(a):
    return ((a / 255.0 - mean) / std).astype("float32")


x, xt = scaled(x), scaled(xt)
y, yt = np.eye(10, dtype="float32")[y], np.eye(10, dtype="float32")[yt]


class MixModel(keras.Model):
    def __init__(self, *a, strength=0.2, **kw):
        super().__init__(*a, **kw)
        self.strength = strength

    def mix(self, x, y):
        n = tf.shape(x)[0]
        g1 = tf.random.gamma([n], self.strength)
        g2 = tf.random.gamma([n], self.strength)
        lam = (g1 + 1e-6) / (g1 + g2 + 2e-6)
        other = tf.random.shuffle(tf.range(n))
        lx, ly = lam[:, None, None, None], lam[:, None]
        return lx * x + (1 - lx) * tf.gather(x, other), ly * y + (1 - ly) * tf.gather(y, other)

    def train_step(self, data):
        x, y = data
        x = tf.image.random_flip_left_right(x)
        x, y_mixed = self.mix(x, y)
        with tf.GradientTape() as tape:
            p = self(x, training=True)
            loss = self.compute_loss(x=x, y=y_mixed, y_pred=p)
        grads = tape.gradient(loss, self.trainable_weights)
        self.optimizer.apply_gradients(zip(grads, self.trainable_weights))
        for m in self.metrics:
            if m.name == "loss":
                m.update_state(loss)
            else:
                m.update_state(y_mixed, p)
        return {m.name: m.result() for m in self.metrics}


def conv(x, f, s=1):
    x = layers.Conv2D(f, 3, strides=s, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization(momentum=0.9)(x)
    return layers.ReLU()(x)


inp = keras.Input((32, 32, 3))
h = conv(inp, 32)
for f in (64, 128, 192):
    h = conv(conv(h, f, 2), f)
h = layers.GlobalAveragePooling2D()(h)
h = layers.Dense(10, kernel_initializer=keras.initializers.RandomNormal(stddev=0.01))(h)
prob = layers.Softmax(dtype="float32")(h)
model = MixModel(inp, prob)
model.compile(
    optimizer=keras.optimizers.SGD(0.02, momentum=0.9, nesterov=True, use_ema=True, ema_momentum=0.99),
    loss=keras.losses.CategoricalCrossentropy(),
    metrics=["accuracy"],
)


def rate(epoch, lr):
    return 0.02 * 0.5 * (1 + np.cos(np.pi * epoch / 80))


model.fit(
    x, y, batch_size=48, epochs=80, validation_data=(xt, yt), verbose=2, shuffle=True,
    callbacks=[keras.callbacks.LearningRateScheduler(rate), keras.callbacks.SwapEMAWeights(swap_on_epoch=True)],
)
