# Sound.
import math

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

# -----------------------------------------------------------------------------
# small residual net on CIFAR-100, mixup done in train_step
# pixels stay uint8-valued floats; the Normalization layer at the door of the
# network (adapted on the training part only) takes care of them
# -----------------------------------------------------------------------------
N_CLS = 100
BS = 128
EPOCHS = 120
PEAK = 2e-3
ALPHA = 0.2

keras.utils.set_random_seed(99)

(x, y), (x_te, y_te) = keras.datasets.cifar100.load_data(label_mode="fine")
x, x_te = x.astype("float32"), x_te.astype("float32")
y = keras.utils.to_categorical(y, N_CLS)
y_te = keras.utils.to_categorical(y_te, N_CLS)

perm = np.random.RandomState(0).permutation(len(x))
va, tr = perm[:5000], perm[5000:]

norm = layers.Normalization(axis=-1)
norm.adapt(x[tr])


class Res(layers.Layer):
    def __init__(self, width, stride=1, **kw):
        super().__init__(**kw)
        self.c1 = layers.Conv2D(width, 3, stride, padding="same", use_bias=False)
        self.b1 = layers.BatchNormalization()
        self.c2 = layers.Conv2D(width, 3, padding="same", use_bias=False)
        self.b2 = layers.BatchNormalization()
        self.short = layers.Conv2D(width, 1, stride, use_bias=False)

    def call(self, t, training=False):
        h = ops.relu(self.b1(self.c1(t), training=training))
        h = self.b2(self.c2(h), training=training)
        return ops.relu(h + self.short(t))


class MixNet(keras.Model):
    def __init__(self, norm):
        super().__init__()
        self.norm = norm
        self.flip = layers.RandomFlip("horizontal")
        self.shift = layers.RandomTranslation(0.1, 0.1, fill_mode="constant")
        self.stem = layers.Conv2D(64, 3, padding="same", use_bias=False)
        self.body = [Res(64), Res(128, 2), Res(128), Res(256, 2), Res(256), Res(512, 2)]
        self.pool = layers.GlobalAveragePooling2D()
        self.drop = layers.Dropout(0.3)
        self.out = layers.Dense(N_CLS)

    def call(self, t, training=False):
        t = self.flip(t, training=training)
        t = self.shift(t, training=training)
        t = self.stem(self.norm(t))
        for b in self.body:
            t = b(t, training=training)
        return self.out(self.drop(self.pool(t), training=training))

    def train_step(self, data):
        img, lab = data
        n = tf.shape(img)[0]
        # Beta(a, a) out of two gammas
        g1 = tf.random.gamma([], ALPHA)
        g2 = tf.random.gamma([], ALPHA)
        lam = g1 / (g1 + g2 + 1e-8)
        other = tf.random.shuffle(tf.range(n))
        img = lam * img + (1.0 - lam) * tf.gather(img, other)
        lab = lam * lab + (1.0 - lam) * tf.gather(lab, other)

        with tf.GradientTape() as tape:
            logits = self(img, training=True)
            loss = self.compute_loss(x=img, y=lab, y_pred=logits)
        grads = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(grads, self.trainable_variables))

        for m in self.metrics:
            if m.name == "loss":
                m.update_state(loss)
            else:
                m.update_state(lab, logits)
        return {m.name: m.result() for m in self.metrics}


steps = math.ceil(len(tr) / BS) * EPOCHS
net = MixNet(norm)
net.compile(
    optimizer=keras.optimizers.AdamW(
        keras.optimizers.schedules.CosineDecay(PEAK, decay_steps=steps),
        weight_decay=0.02,
    ),
    loss=keras.losses.CategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)

net.fit(x[tr], y[tr], batch_size=BS, epochs=EPOCHS, validation_data=(x[va], y[va]), verbose=2)
print(net.evaluate(x_te, y_te, batch_size=500, return_dict=True))
