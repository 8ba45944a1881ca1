import numpy as np
import tensorflow as tf
from tensorflow.keras import layers
from tensorflow.keras.datasets import cifar10

BATCH = 128
EPOCHS = 40
LR = 1e-3
SEED = 7

tf.random.set_seed(SEED)
np.random.seed(SEED)

(x_all, y_all), (x_test, y_test) = cifar10.load_data()
x_all = x_all.astype("float32") / 255.0
x_test = x_test.astype("float32") / 255.0
y_all = y_all.squeeze().astype("int64")
y_test = y_test.squeeze().astype("int64")

idx = np.random.permutation(len(x_all))
tr, va = idx[5000:], idx[:5000]


def augment(x, y):
    x = tf.image.random_flip_left_right(x)
    x = tf.image.resize_with_crop_or_pad(x, 40, 40)
    x = tf.image.random_crop(x, [32, 32, 3])
    return x, y


train_ds = (tf.data.Dataset.from_tensor_slices((x_all[tr], y_all[tr]))
            .shuffle(45000)
            .map(augment, num_parallel_calls=tf.data.AUTOTUNE)
            .batch(BATCH)
            .prefetch(tf.data.AUTOTUNE))
val_ds = tf.data.Dataset.from_tensor_slices((x_all[va], y_all[va])).batch(BATCH).prefetch(2)
test_ds = tf.data.Dataset.from_tensor_slices((x_test, y_test)).batch(BATCH)


class ConvBlock(layers.Layer):
    def __init__(self, filters, drop):
        super().__init__()
        self.c1 = layers.Conv2D(filters, 3, padding="same", use_bias=False)
        self.b1 = layers.BatchNormalization()
        self.c2 = layers.Conv2D(filters, 3, padding="same", use_bias=False)
        self.b2 = layers.BatchNormalization()
        self.pool = layers.MaxPool2D()
        self.drop = layers.Dropout(drop)

    def call(self, x, training=False):
        x = tf.nn.relu(self.b1(self.c1(x), training=training))
        x = tf.nn.relu(self.b2(self.c2(x), training=training))
        return self.drop(self.pool(x), training=training)


class SmallVGG(tf.keras.Model):
    def __init__(self, n_classes=10):
        super().__init__()
        self.block1 = ConvBlock(64, 0.1)
        self.block2 = ConvBlock(128, 0.2)
        self.block3 = ConvBlock(256, 0.3)
        self.gap = layers.GlobalAveragePooling2D()
        self.fc = layers.Dense(256, activation="relu")
        self.out = layers.Dense(n_classes, activation="softmax")  # fault: C307

    def call(self, x, training=False):
        x = self.block1(x, training=training)
        x = self.block2(x, training=training)
        x = self.block3(x, training=training)
        x = self.fc(self.gap(x))
        return self.out(x)


model = SmallVGG()
opt = tf.keras.optimizers.Adam(LR)

train_loss = tf.keras.metrics.Mean()
train_acc = tf.keras.metrics.SparseCategoricalAccuracy()
eval_loss = tf.keras.metrics.Mean()
eval_acc = tf.keras.metrics.SparseCategoricalAccuracy()


def criterion(y, pred):
    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=pred)


@tf.function
def train_step(x, y):
    with tf.GradientTape() as tape:
        pred = model(x, training=True)
        loss = tf.reduce_mean(criterion(y, pred))
    grads = tape.gradient(loss, model.trainable_variables)
    opt.apply_gradients(zip(grads, model.trainable_variables))
    train_loss.update_state(loss)
    train_acc.update_state(y, pred)


@tf.function
def eval_step(x, y):
    pred = model(x, training=False)
    eval_loss.update_state(criterion(y, pred))
    eval_acc.update_state(y, pred)


def run_eval(ds):
    eval_loss.reset_states() if hasattr(eval_loss, "reset_states") else eval_loss.reset_state()
    eval_acc.reset_states() if hasattr(eval_acc, "reset_states") else eval_acc.reset_state()
    for x, y in ds:
        eval_step(x, y)
    return float(eval_loss.result()), float(eval_acc.result())


best, best_w = 0.0, None
for epoch in range(EPOCHS):
    for m in (train_loss, train_acc):
        m.reset_states() if hasattr(m, "reset_states") else m.reset_state()
    for x, y in train_ds:
        train_step(x, y)
    vl, va_acc = run_eval(val_ds)
    print("epoch %02d  loss %.4f acc %.4f | val loss %.4f acc %.4f" % (
        epoch + 1, float(train_loss.result()), float(train_acc.result()), vl, va_acc))
    if va_acc > best:
        best, best_w = va_acc, model.get_weights()

model.set_weights(best_w)
print("test: loss %.4f acc %.4f" % run_eval(test_ds))
