"""Fashion-MNIST with a hand written loop (TF 2.x).

usage: python fmnist_customloop.py --epochs 15 --bs 64
"""
import argparse
import os
import time

import tensorflow as tf
from tensorflow import keras

CLASSES = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
           "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]


def get_args():
    p = argparse.ArgumentParser()
    p.add_argument("--epochs", type=int, default=15)
    p.add_argument("--bs", type=int, default=64)
    p.add_argument("--lr", type=float, default=0.01)
    p.add_argument("--momentum", type=float, default=0.9)
    p.add_argument("--seed", type=int, default=123)
    p.add_argument("--logdir", default="logs/fmnist")
    return p.parse_args()


def make_data(bs, seed):
    (x, y), (xt, yt) = keras.datasets.fashion_mnist.load_data()
    x = (x[..., None] / 255.0).astype("float32")
    xt = (xt[..., None] / 255.0).astype("float32")
    # last 6000 pictures are kept for validation
    x, xv = x[:-6000], x[-6000:]
    y, yv = y[:-6000], y[-6000:]

    train = tf.data.Dataset.from_tensor_slices((x, y))
    train = train.shuffle(len(x), seed=seed).batch(bs, drop_remainder=True).prefetch(tf.data.AUTOTUNE)
    val = tf.data.Dataset.from_tensor_slices((xv, yv)).batch(256)
    test = tf.data.Dataset.from_tensor_slices((xt, yt)).batch(256)
    return train, val, test


def build_model():
    inp = keras.Input((28, 28, 1))
    h = inp
    for f in (32, 64):
        h = keras.layers.Conv2D(f, 3, padding="same", activation="relu")(h)
        h = keras.layers.Conv2D(f, 3, padding="same", activation="relu")(h)
        h = keras.layers.MaxPooling2D(2)(h)
        h = keras.layers.Dropout(0.25)(h)
    h = keras.layers.Flatten()(h)
    h = keras.layers.Dense(128, activation="relu")(h)
    h = keras.layers.Dropout(0.5)(h)
    out = keras.layers.Dense(len(CLASSES), activation="softmax")(h)
    return keras.Model(inp, out, name="fmnist_cnn")


def main():
    args = get_args()
    keras.utils.set_random_seed(args.seed)
    train, val, test = make_data(args.bs, args.seed)
    model = build_model()
    model.summary()

    steps = int(train.cardinality())
    lr = keras.optimizers.schedules.CosineDecay(args.lr, decay_steps=steps * args.epochs)
    optimizer = keras.optimizers.SGD(lr, momentum=args.momentum, nesterov=True)
    loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=False)
    os.makedirs(args.logdir, exist_ok=True)
    writer = tf.summary.create_file_writer(args.logdir)

    tl, ta = keras.metrics.Mean(), keras.metrics.SparseCategoricalAccuracy()
    vl, va = keras.metrics.Mean(), keras.metrics.SparseCategoricalAccuracy()

    @tf.function
    def step(x, y):
        with tf.GradientTape() as tape:
            p = model(x, training=True)
            loss = loss_fn(y, p)
        grads = tape.gradient(loss, model.trainable_weights)
        optimizer.apply_gradients(zip(grads, model.trainable_weights))
        tl.update_state(loss)
        ta.update_state(y, p)

    @tf.function
    def validate(x, y):
        p = model(x, training=False)
        vl.update_state(loss_fn(y, p), sample_weight=tf.shape(x)[0])
        va.update_state(y, p)

    for epoch in range(1, args.epochs + 1):
        t0 = time.time()
        for m in (tl, ta, vl, va):
            m.reset_state()
        for x, y in train:
            step(x, y)
        for x, y in val:
            validate(x, y)
        with writer.as_default():
            tf.summary.scalar("loss/train", tl.result(), step=epoch)
            tf.summary.scalar("loss/val", vl.result(), step=epoch)
            tf.summary.scalar("acc/val", va.result(), step=epoch)
        print(f"{epoch:3d}/{args.epochs}  loss {float(tl.result()):.4f}  acc {float(ta.result()):.4f}  "
              f"val_loss {float(vl.result()):.4f}  val_acc {float(va.result()):.4f}  ({time.time() - t0:.1f}s)")

    vl.reset_state()
    va.reset_state()
    for x, y in test:
        validate(x, y)
    print("test accuracy:", float(va.result()))
    model.save(os.path.join(args.logdir, "fmnist.keras"))


if __name__ == "__main__":
    main()
