# -*- coding: utf-8 -*-
# 胸部X線画像の3クラス分類 (normal / bacterial / virus)
# Keras 3 + TensorFlow backend, train_step を上書きして mixup を入れる
import os

os.environ["KERAS_BACKEND"] = "tensorflow"

import csv

import keras
import numpy as np
import tensorflow as tf
from keras import layers

CFG = {
    "csv": "data/chest/labels.csv",      # filename,label
    "images": "data/chest/images",
    "labels": ["normal", "bacterial", "virus"],
    "size": 192,
    "batch": 48,
    "epochs": 30,
    "lr": 5e-4,
    "wd": 1e-2,
    "alpha": 0.2,
    "seed": 5,
}
keras.utils.set_random_seed(CFG["seed"])
AUTO = tf.data.AUTOTUNE


# ---------------------------------------------------------------- データ
def read_table():
    paths, labels = [], []
    with open(CFG["csv"], newline="", encoding="utf-8") as f:
        for row in csv.DictReader(f):
            paths.append(os.path.join(CFG["images"], row["filename"]))
            labels.append(CFG["labels"].index(row["label"]))
    return np.array(paths), np.array(labels, dtype="int32")


def load_png(path, label):
    img = tf.io.decode_png(tf.io.read_file(path), channels=1)
    img = tf.image.resize(img, (CFG["size"], CFG["size"]), antialias=True)
    img = img / 255.0
    return img, tf.one_hot(label, len(CFG["labels"]))


def random_shift(img, label):
    s = CFG["size"]
    img = tf.image.resize_with_crop_or_pad(img, s + 16, s + 16)
    img = tf.image.random_crop(img, (s, s, 1))
    img = tf.clip_by_value(tf.image.random_brightness(img, 0.1), 0.0, 1.0)
    return img, label


def make_datasets():
    paths, labels = read_table()
    n = len(paths)
    n_test, n_val = int(0.15 * n), int(0.15 * n)

    ds = tf.data.Dataset.from_tensor_slices((paths, labels))
    ds = ds.shuffle(n, seed=CFG["seed"], reshuffle_each_iteration=False)

    test_ds = ds.take(n_test)
    val_ds = ds.skip(n_test).take(n_val)
    train_ds = ds.skip(n_test + n_val)
    n_train = n - n_test - n_val

    train_ds = (train_ds
                .map(load_png, num_parallel_calls=AUTO)
                .cache()                      # ここまでは決定的, 乱数は cache の後
                .shuffle(n_train)
                .map(random_shift, num_parallel_calls=AUTO)
                .batch(CFG["batch"], drop_remainder=True)
                .prefetch(AUTO))
    val_ds = val_ds.map(load_png, num_parallel_calls=AUTO).cache().batch(CFG["batch"]).prefetch(AUTO)
    test_ds = test_ds.map(load_png, num_parallel_calls=AUTO).batch(CFG["batch"]).prefetch(AUTO)
    return train_ds, val_ds, test_ds, n_train


# ---------------------------------------------------------------- モデル
class ResBlock(layers.Layer):
    def __init__(self, filters, stride=1, **kw):
        super().__init__(**kw)
        self.conv1 = layers.Conv2D(filters, 3, strides=stride, padding="same", use_bias=False)
        self.bn1 = layers.BatchNormalization(momentum=0.9)
        self.conv2 = layers.Conv2D(filters, 3, padding="same", use_bias=False)
        self.bn2 = layers.BatchNormalization(momentum=0.9)
        self.proj = layers.Conv2D(filters, 1, strides=stride) if stride > 1 else None

    def call(self, x, training=None):
        s = x if self.proj is None else self.proj(x)
        h = keras.ops.relu(self.bn1(self.conv1(x), training=training))
        h = self.bn2(self.conv2(h), training=training)
        return keras.ops.relu(h + s)


class XrayNet(keras.Model):
    def __init__(self, n_classes, alpha, **kw):
        super().__init__(**kw)
        self.alpha = alpha
        self.stem = layers.Conv2D(32, 5, strides=2, padding="same", activation="relu")
        self.blocks = [ResBlock(64, 2), ResBlock(64), ResBlock(128, 2), ResBlock(128), ResBlock(256, 2)]
        self.pool = layers.GlobalAveragePooling2D()
        self.drop = layers.Dropout(0.3)
        self.head = layers.Dense(n_classes)

    def call(self, x, training=None):
        x = self.stem(x)
        for b in self.blocks:
            x = b(x, training=training)
        return self.head(self.drop(self.pool(x), training=training))

    def _mixup(self, x, y):
        n = tf.shape(x)[0]
        g1 = tf.random.gamma([n], self.alpha)
        g2 = tf.random.gamma([n], self.alpha)
        lam = (g1 + 1e-7) / (g1 + g2 + 2e-7)   # Beta(alpha, alpha)
        perm = tf.random.shuffle(tf.range(n))
        lx = tf.reshape(lam, [-1, 1, 1, 1])
        ly = tf.reshape(lam, [-1, 1])
        return lx * x + (1 - lx) * tf.gather(x, perm), ly * y + (1 - ly) * tf.gather(y, perm)

    def train_step(self, data):
        x, y = data
        xm, ym = self._mixup(x, y)
        with tf.GradientTape() as tape:
            pred = self(xm, training=True)
            loss = self.compute_loss(x=xm, y=ym, y_pred=pred)
        grads = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply(grads, self.trainable_variables)
        for m in self.metrics:
            if m.name == "loss":
                m.update_state(loss)
            else:
                m.update_state(ym, pred)
        return {m.name: m.result() for m in self.metrics}


def main():
    train_ds, val_ds, test_ds, n_train = make_datasets()
    steps = n_train // CFG["batch"]
    total = steps * CFG["epochs"]

    model = XrayNet(len(CFG["labels"]), CFG["alpha"])
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=CFG["lr"] / 10,
        warmup_target=CFG["lr"],
        warmup_steps=2 * steps,
        decay_steps=total - 2 * steps,
    )
    opt = keras.optimizers.AdamW(schedule, weight_decay=CFG["wd"])
    opt.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    model.compile(
        optimizer=opt,
        loss=keras.losses.CategoricalCrossentropy(from_logits=True),
        metrics=[keras.metrics.CategoricalAccuracy(name="acc")],
    )
    ckpt = keras.callbacks.ModelCheckpoint(
        "xray.weights.h5", monitor="val_loss", save_best_only=True, save_weights_only=True)
    model.fit(train_ds, validation_data=val_ds, epochs=CFG["epochs"], callbacks=[ckpt], verbose=2)

    model.load_weights("xray.weights.h5")
    print(model.evaluate(test_ds, return_dict=True))


if __name__ == "__main__":
    main()
