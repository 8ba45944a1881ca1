import argparse
import os
import pickle
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
import keras
import numpy as np
import tensorflow as tf


def load(directory, split):
    """The pickles hold bytes as (n, 3, 32, 32) and the class numbers of classes.txt, which begin at 1."""
    with open(os.path.join(directory, split + ".pkl"), "rb") as f:
        d = pickle.load(f)
    x = np.ascontiguousarray(np.asarray(d["data"], np.uint8).transpose(0, 2, 3, 1))
    y = np.asarray(d["target"], np.int32) - 1
    return x, y


def read_classes(directory):
    with open(os.path.join(directory, "classes.txt")) as f:
        pairs = [line.split() for line in f if line.strip()]
    return [name for _, name in sorted(pairs, key=lambda p: int(p[0]))]


def standardise(x, mean, std):
    return (tf.cast(x, tf.float32) - mean) / std


def crop_and_flip(x):
    x = tf.pad(x, [[4, 4], [4, 4], [0, 0]], mode="REFLECT")
    x = tf.image.random_crop(x, [32, 32, 3])
    return tf.image.random_flip_left_right(x)


def mix(x, y, alpha):
    """mixup within the batch; Beta(a, a) out of two gammas"""
    g = tf.random.gamma([2], alpha)
    lam = g[0] / (g[0] + g[1])
    order = tf.random.shuffle(tf.range(tf.shape(x)[0]))
    return lam * x + (1 - lam) * tf.gather(x, order), lam * y + (1 - lam) * tf.gather(y, order)


def pipelines(args, classes):
    (xt, yt), (xv, yv) = load(args.dir, "train"), load(args.dir, "valid")
    mean = xt.mean((0, 1, 2), dtype=np.float64).astype("float32")
    std = xt.std((0, 1, 2), dtype=np.float64).astype("float32")
    n = len(classes)
    train = (tf.data.Dataset.from_tensor_slices((xt, yt))
             .shuffle(len(xt), reshuffle_each_iteration=True)
             .map(lambda x, y: (standardise(crop_and_flip(x), mean, std), tf.one_hot(y, n)), tf.data.AUTOTUNE)
             .batch(args.batch, drop_remainder=True)
             .map(lambda x, y: mix(x, y, args.mixup), tf.data.AUTOTUNE)
             .prefetch(tf.data.AUTOTUNE))
    valid = (tf.data.Dataset.from_tensor_slices((xv, yv))
             .batch(100)
             .map(lambda x, y: (standardise(x, mean, std), tf.one_hot(y, n)))
             .cache())
    return train, valid, len(xt) // args.batch


def separable(x, filters, stride):
    skip = x
    x = keras.layers.DepthwiseConv2D(3, strides=stride, padding="same", use_bias=False)(x)
    x = keras.layers.BatchNormalization(momentum=0.95)(x)
    x = keras.layers.Conv2D(2 * filters, 1, use_bias=False)(x)
    x = keras.layers.BatchNormalization(momentum=0.95)(x)
    x = keras.layers.Activation("swish")(x)
    x = keras.layers.Conv2D(filters, 1, use_bias=False)(x)
    x = keras.layers.BatchNormalization(momentum=0.95)(x)
    return keras.layers.Add()([x, skip]) if stride == 1 and skip.shape[-1] == filters else x


def build(n):
    i = keras.Input((32, 32, 3))
    x = keras.layers.Conv2D(32, 3, padding="same", use_bias=False)(i)
    x = keras.layers.BatchNormalization(momentum=0.95)(x)
    x = keras.layers.Activation("swish")(x)
    for filters, stride in ((32, 1), (64, 2), (64, 1), (128, 2), (128, 1), (192, 2)):
        x = separable(x, filters, stride)
    x = keras.layers.GlobalAveragePooling2D()(x)
    x = keras.layers.Dropout(0.2)(x)
    return keras.Model(i, keras.layers.Dense(n)(x))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--dir", default=".")
    p.add_argument("--epochs", type=int, default=60)
    p.add_argument("--batch", type=int, default=40)
    p.add_argument("--lr", type=float, default=2e-3)
    p.add_argument("--wd", type=float, default=1e-3)
    p.add_argument("--mixup", type=float, default=0.2)
    p.add_argument("--out", default="tensors_out")
    args = p.parse_args()
    keras.utils.set_random_seed(17)

    classes = read_classes(args.dir)
    train, valid, per_epoch = pipelines(args, classes)
    net = build(len(classes))
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, decay_steps=(args.epochs - 3) * per_epoch, warmup_target=args.lr, warmup_steps=3 * per_epoch)
    optimizer = keras.optimizers.AdamW(rate, weight_decay=args.wd)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])

    train_loss, train_hits = keras.metrics.Mean(), keras.metrics.CategoricalAccuracy()
    valid_loss, valid_hits = keras.metrics.Mean(), keras.metrics.CategoricalAccuracy()

    @tf.function
    def step(x, y):
        with tf.GradientTape() as tape:
            z = net(x, training=True)
            each = tf.nn.softmax_cross_entropy_with_logits(labels=y, logits=z)
            loss = tf.reduce_sum(each) / tf.cast(tf.shape(x)[0], tf.float32)
        g = tape.gradient(loss, net.trainable_variables)
        g, _ = tf.clip_by_global_norm(g, 5.0)
        optimizer.apply_gradients(zip(g, net.trainable_variables))
        train_loss.update_state(each)
        train_hits.update_state(y, z)

    @tf.function
    def check(x, y):
        z = net(x, training=False)
        valid_loss.update_state(tf.nn.softmax_cross_entropy_with_logits(labels=y, logits=z))
        valid_hits.update_state(y, z)

    os.makedirs(args.out, exist_ok=True)
    best = 0.0
    for epoch in range(args.epochs):
        for m in (train_loss, train_hits, valid_loss, valid_hits):
            m.reset_state()
        t = time.time()
        for x, y in train:
            step(x, y)
        for x, y in valid:
            check(x, y)
        now = float(valid_hits.result())
        print(f"{epoch:3d}  train {float(train_loss.result()):.3f} / {float(train_hits.result()):.3f}   "
              f"valid {float(valid_loss.result()):.3f} / {now:.3f}   {time.time() - t:.0f} s", flush=True)
        if now > best:
            best = now
            net.save_weights(os.path.join(args.out, "best.weights.h5"))


if __name__ == "__main__":
    main()
