# Sound.
"""Custom loop, custom layers, subclassed model. Trained from scratch on EuroSAT (64x64 RGB)."""
import datetime

import tensorflow as tf
import tensorflow_datasets as tfds
from tensorflow.keras import layers

BATCH, EPOCHS, PEAK = 64, 60, 2e-3
N_TRAIN = 21600                      # 80 % of 27000
tf.random.set_seed(8)


def to_float(img, label):
    return tf.cast(img, tf.float32) / 127.5 - 1.0, label


def augment(img, label):
    img = tf.image.random_flip_left_right(img)
    img = tf.image.random_flip_up_down(img)
    img = tf.image.rot90(img, tf.random.uniform([], 0, 4, dtype=tf.int32))
    return img, label


def pipelines():
    tr, va = tfds.load("eurosat/rgb", split=["train[:80%]", "train[80%:]"], as_supervised=True)
    tr = (tr.cache()
            .shuffle(N_TRAIN, reshuffle_each_iteration=True)
            .map(to_float, tf.data.AUTOTUNE)
            .map(augment, tf.data.AUTOTUNE)
            .batch(BATCH, drop_remainder=True)
            .prefetch(tf.data.AUTOTUNE))
    va = va.map(to_float, tf.data.AUTOTUNE).batch(256).cache().prefetch(tf.data.AUTOTUNE)
    return tr, va


class SqueezeExcite(layers.Layer):
    def __init__(self, ratio=8, **kw):
        super().__init__(**kw)
        self.ratio = ratio

    def build(self, shape):
        c = int(shape[-1])
        self.a = layers.Dense(max(8, c // self.ratio), activation="relu")
        self.b = layers.Dense(c, activation="sigmoid")

    def call(self, x):
        s = tf.reduce_mean(x, axis=[1, 2])
        s = self.b(self.a(s))
        return x * s[:, None, None, :]


class ConvUnit(layers.Layer):
    def __init__(self, filters, stride=1, **kw):
        super().__init__(**kw)
        self.conv1 = layers.Conv2D(filters, 3, stride, padding="same", use_bias=False)
        self.bn1 = layers.BatchNormalization()
        self.conv2 = layers.Conv2D(filters, 3, padding="same", use_bias=False)
        self.bn2 = layers.BatchNormalization()
        self.se = SqueezeExcite()
        self.skip = layers.Conv2D(filters, 1, stride, use_bias=False)

    def call(self, x, training=None):
        h = tf.nn.swish(self.bn1(self.conv1(x), training=training))
        h = self.se(self.bn2(self.conv2(h), training=training))
        return tf.nn.swish(h + self.skip(x))


class SatNet(tf.keras.Model):
    def __init__(self, n):
        super().__init__()
        self.units = [ConvUnit(32), ConvUnit(64, 2), ConvUnit(128, 2), ConvUnit(256, 2)]
        self.pool = layers.GlobalAveragePooling2D()
        self.drop = layers.Dropout(0.3)
        self.logits = layers.Dense(n)

    def call(self, x, training=None):
        for u in self.units:
            x = u(x, training=training)
        return self.logits(self.drop(self.pool(x), training=training))


train_ds, val_ds = pipelines()
net = SatNet(10)
net(tf.zeros([1, 64, 64, 3]), training=False)     # creates the variables
steps = N_TRAIN // BATCH
lr = tf.keras.optimizers.schedules.CosineDecay(PEAK, decay_steps=EPOCHS * steps)
opt = tf.keras.optimizers.AdamW(learning_rate=lr, weight_decay=1e-3)
opt.build(net.trainable_variables)
xent = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)

m_loss = tf.keras.metrics.Mean()
m_acc = tf.keras.metrics.SparseCategoricalAccuracy()
v_acc = tf.keras.metrics.SparseCategoricalAccuracy()


@tf.function
def train_step(x, y):
    with tf.GradientTape() as tape:
        out = net(x, training=True)
        loss = xent(y, out)
    grads = tape.gradient(loss, net.trainable_variables)
    grads, _ = tf.clip_by_global_norm(grads, 5.0)
    opt.apply_gradients(zip(grads, net.trainable_variables))
    m_loss.update_state(loss)
    m_acc.update_state(y, out)


@tf.function
def val_step(x, y):
    v_acc.update_state(y, net(x, training=False))


best = 0.0
for epoch in range(EPOCHS):
    for m in (m_loss, m_acc, v_acc):
        m.reset_state()
    for x, y in train_ds:
        train_step(x, y)
    for x, y in val_ds:
        val_step(x, y)
    print(f"{datetime.datetime.now():%H:%M:%S} epoch {epoch + 1:02d} loss {m_loss.result():.4f} "
          f"acc {m_acc.result():.4f} val {v_acc.result():.4f}")
    if v_acc.result() > best:
        best = float(v_acc.result())
        net.save_weights("satnet.weights.h5")
