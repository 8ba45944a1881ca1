import os
os.environ["KERAS_BACKEND"] = "jax"

import argparse
import json

import keras
import numpy as np
from keras import layers, ops

parser = argparse.ArgumentParser("CIFAR-10, Keras 3 on JAX")
parser.add_argument("-e", "--epochs", type=int, default=60)
parser.add_argument("-b", "--batch_size", type=int, default=128)
parser.add_argument("--lr", type=float, default=0.05)
parser.add_argument("--seed", type=int, default=2024)
parser.add_argument("--save", default="cifar_jax.keras")
args = parser.parse_args()

print("backend:", keras.backend.backend())
keras.utils.set_random_seed(args.seed)

# data: 45000 / 5000 / 10000
(x, y), (x_test, y_test) = keras.datasets.cifar10.load_data()
order = np.random.default_rng(args.seed).permutation(len(x))
x, y = x[order].astype("float32") / 255.0, y[order].astype("int32")
x_test, y_test = x_test.astype("float32") / 255.0, y_test.astype("int32")
x_val, y_val = x[:5000], y[:5000]
x_train, y_train = x[5000:], y[5000:]

mean = x_train.mean(axis=(0, 1, 2))
std = x_train.std(axis=(0, 1, 2))


def norm(a):
    return (a - mean) / std


x_train, x_val, x_test = norm(x_train), norm(x_val), norm(x_test)


def conv_bn(h, filters, strides=1, act=True):
    h = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False,
                      kernel_initializer="he_normal",
                      kernel_regularizer=keras.regularizers.L2(2.5e-4))(h)
    h = layers.BatchNormalization(momentum=0.9, epsilon=1e-5)(h)
    return layers.Activation("relu")(h) if act else h


def block(h, filters, strides):
    skip = h
    h = conv_bn(h, filters, strides)
    h = conv_bn(h, filters, act=False)
    if strides > 1:
        skip = layers.Conv2D(filters, 1, strides=strides, use_bias=False)(skip)
        skip = layers.BatchNormalization(momentum=0.9, epsilon=1e-5)(skip)
    return layers.Activation("relu")(layers.Add()([h, skip]))


def make_resnet(n=3):
    inputs = keras.Input((32, 32, 3))
    h = layers.RandomFlip("horizontal", seed=args.seed)(inputs)
    h = layers.RandomTranslation(0.125, 0.125, fill_mode="reflect", seed=args.seed + 1)(h)
    h = conv_bn(h, 16)
    for i, filters in enumerate((16, 32, 64)):
        for j in range(n):
            h = block(h, filters, 2 if i > 0 and j == 0 else 1)
    h = layers.GlobalAveragePooling2D()(h)
    return keras.Model(inputs, layers.Dense(10)(h), name="resnet20")


model = make_resnet()
print("parameters:", model.count_params())

schedule = keras.optimizers.schedules.ExponentialDecay(
    args.lr,
    decay_steps=100_000,  # fault: C326
    decay_rate=0.1,
    staircase=True,
)
model.compile(
    optimizer=keras.optimizers.SGD(schedule, momentum=0.9, nesterov=True),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)

hist = model.fit(
    x_train, y_train,
    batch_size=args.batch_size,
    epochs=args.epochs,
    validation_data=(x_val, y_val),
    verbose=2,
)
model.save(args.save)

test_loss, test_acc = model.evaluate(x_test, y_test, batch_size=500, verbose=0)
print(f"test loss {test_loss:.4f}, test accuracy {test_acc:.4f}")

logits = model.predict(x_test, batch_size=500, verbose=0)
probs = ops.convert_to_numpy(ops.softmax(logits, axis=-1))
print("mean confidence:", float(probs.max(axis=1).mean()))

with open("history.json", "w") as f:
    json.dump({k: [float(v) for v in vs] for k, vs in hist.history.items()}, f)
