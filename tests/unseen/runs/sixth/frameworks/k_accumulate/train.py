"""Fashion pictures from an npz, own loop: accumulated gradients, warm-up, centre of the pixels inside the net."""
import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

ap = argparse.ArgumentParser()
ap.add_argument("--file", default="fashion.npz")
ap.add_argument("--epochs", type=int, default=60)
ap.add_argument("--micro", type=int, default=16)
ap.add_argument("--accumulate", type=int, default=4)
ap.add_argument("--peak", type=float, default=2e-3)
cfg = ap.parse_args()
keras.utils.set_random_seed(30)

with np.load(cfg.file) as z:
    x_train, y_train = z["x_train"][..., None], z["y_train"].astype("int32")
    x_test, y_test = z["x_test"][..., None], z["y_test"].astype("int32")

shift = layers.Normalization(axis=None)
shift.adapt(x_train[:2000].astype("float32"))


def make_net():
    inp = keras.Input((28, 28, 1), dtype="float32")
    x = shift(inp)
    for f in (32, 64, 128):
        y = layers.Conv2D(f, 3, padding="same", activation="gelu")(x)
        y = layers.GroupNormalization(8)(y)
        y = layers.Conv2D(f, 3, padding="same")(y)
        x = layers.add([y, layers.Conv2D(f, 1)(x)])
        x = layers.Activation("gelu")(x)
        x = layers.AveragePooling2D()(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.2)(x)
    return keras.Model(inp, layers.Dense(10)(x))


net = make_net()
updates = len(x_train) // (cfg.micro * cfg.accumulate)
lr = keras.optimizers.schedules.CosineDecay(
    0.0, decay_steps=(cfg.epochs - 2) * updates, warmup_target=cfg.peak, warmup_steps=2 * updates)
opt = keras.optimizers.Adam(lr)
opt.build(net.trainable_variables)
sums = [tf.Variable(tf.zeros(v.shape), trainable=False) for v in net.trainable_variables]


def crossentropy(y, z):
    return tf.reduce_sum(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=z))


@tf.function
def collect(x, y):
    if tf.random.uniform([]) < 0.5:
        x = tf.reverse(x, axis=[2])
    with tf.GradientTape() as tape:
        z = net(x, training=True)
        total = crossentropy(y, z)
    for s, g in zip(sums, tape.gradient(total, net.trainable_variables)):
        s.assign_add(g)
    return total


@tf.function
def update(count):
    grads = [s / count for s in sums]
    grads, _ = tf.clip_by_global_norm(grads, 5.0)
    opt.apply_gradients(zip(grads, net.trainable_variables))
    for s in sums:
        s.assign(tf.zeros_like(s))


@tf.function
def predict(x):
    return net(x, training=False)


for epoch in range(cfg.epochs):
    order, running, seen = np.random.permutation(len(x_train)), 0.0, 0
    for u in range(updates):
        group = order[u * cfg.micro * cfg.accumulate:(u + 1) * cfg.micro * cfg.accumulate]
        for part in np.array_split(group, cfg.accumulate):
            x = tf.convert_to_tensor(x_train[part], tf.float32)
            running += float(collect(x, tf.convert_to_tensor(y_train[part])))
            seen += len(part)
        update(tf.constant(float(len(group))))
    right = 0
    for i in range(0, len(x_test), 100):
        z = predict(tf.convert_to_tensor(x_test[i:i + 100], tf.float32))
        right += int((np.argmax(z.numpy(), axis=-1) == y_test[i:i + 100]).sum())
    print(f"epoch {epoch} loss {running / seen:.4f} held-out {right / len(x_test):.4f} "
          f"lr {float(ops.convert_to_numpy(opt.learning_rate)):.5f}", flush=True)
