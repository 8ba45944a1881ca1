"""CIFAR-10 from scratch: Keras 3 on JAX, a small pre-activation residual network."""
import os

os.environ["KERAS_BACKEND"] = "jax"

import jax
import keras
import numpy as np
from keras import layers

CONF = {
    "batch": 128,
    "epochs": 80,
    "rate": 0.05,
    "decay": 5e-4,
    "blocks": (2, 2, 2),
    "widths": (32, 64, 128),
    "held_out": 5000,
}
keras.utils.set_random_seed(404)
print(keras.__version__, keras.backend.backend(), jax.devices())


def get_data():
    (x, y), (xt, yt) = keras.datasets.cifar10.load_data()
    x, xt = x.astype("float32") / 255.0, xt.astype("float32") / 255.0
    y, yt = y.squeeze(), yt.squeeze()
    order = np.random.default_rng(404).permutation(len(x))
    held, rest = order[:CONF["held_out"]], order[CONF["held_out"]:]
    mean = x[rest].mean(axis=(0, 1, 2))
    std = x[rest].std(axis=(0, 1, 2))
    norm = lambda a: (a - mean) / std
    return (norm(x[rest]), y[rest]), (norm(x[held]), y[held]), (norm(xt), yt)


def conv(filters, kernel=3, strides=1):
    return layers.Conv2D(filters, kernel, strides=strides, padding="same",
                         use_bias=False, kernel_initializer="he_normal")


def preact_block(x, filters, strides):
    h = layers.BatchNormalization(momentum=0.9)(x)
    h = layers.ReLU()(h)
    short = x
    if strides > 1 or x.shape[-1] != filters:
        short = conv(filters, 1, strides)(h)
    h = conv(filters, 3, strides)(h)
    h = layers.BatchNormalization(momentum=0.9)(h)
    h = layers.ReLU()(h)
    h = conv(filters)(h)
    return layers.Add()([h, short])


def build():
    inputs = keras.Input((32, 32, 3))
    x = layers.RandomFlip("horizontal")(inputs)
    x = layers.RandomTranslation(0.125, 0.125, fill_mode="constant")(x)
    x = conv(16)(x)
    for stage, (n, w) in enumerate(zip(CONF["blocks"], CONF["widths"])):
        for k in range(n):
            x = preact_block(x, w, 2 if stage and k == 0 else 1)
    x = layers.BatchNormalization(momentum=0.9)(x)
    x = layers.ReLU()(x)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(10, name="logits")(x))


(x_train, y_train), (x_val, y_val), (x_test, y_test) = get_data()
model = build()
steps = -(-len(x_train) // CONF["batch"]) * CONF["epochs"]
optimizer = keras.optimizers.SGD(
    keras.optimizers.schedules.CosineDecay(CONF["rate"], steps),
    momentum=0.9, nesterov=True, weight_decay=CONF["decay"],
)
optimizer.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])

model.compile(
    optimizer=optimizer,
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
model.fit(
    x_train, y_train,
    batch_size=CONF["batch"],
    epochs=CONF["epochs"],
    validation_data=(x_val, y_val),
    verbose=2,
)
print("held-out:", model.evaluate(x_val, y_val, verbose=0))
print("test:    ", model.evaluate(x_test, y_test, verbose=0))
model.save("cifar_jax.keras")
