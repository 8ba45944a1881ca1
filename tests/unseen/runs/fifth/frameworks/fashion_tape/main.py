# Fashion items, low-level loop with GradientTape
import time

import keras
import tensorflow as tf
from keras import layers

from data import load

BATCH = 64
EPOCHS = 25
LR = 0.05


def conv_bn(x, filters, stride=1):
    x = layers.Conv2D(filters, 3, strides=stride, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization(momentum=0.9)(x)
    return layers.ReLU()(x)


def make_net():
    inp = keras.Input((28, 28, 1))
    x = conv_bn(inp, 32)
    x = conv_bn(x, 64, 2)
    x = conv_bn(x, 64)
    x = conv_bn(x, 128, 2)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.3)(x)
    return keras.Model(inp, layers.Dense(10)(x))


(x_train, y_train), (x_test, y_test) = load("fashion")
train_ds = (tf.data.Dataset.from_tensor_slices((x_train, y_train))
            .shuffle(len(x_train), reshuffle_each_iteration=True)
            .batch(BATCH, drop_remainder=True).prefetch(2))
test_ds = tf.data.Dataset.from_tensor_slices((x_test, y_test)).batch(200)

net = make_net()
steps = len(x_train) // BATCH * EPOCHS
schedule = keras.optimizers.schedules.CosineDecay(LR, steps)
optimizer = keras.optimizers.SGD(schedule, momentum=0.9, nesterov=True)

train_loss = keras.metrics.Mean()
train_acc = keras.metrics.SparseCategoricalAccuracy()
test_loss = keras.metrics.Mean()
test_acc = keras.metrics.SparseCategoricalAccuracy()


def objective(labels, outputs):
    per_example = keras.losses.sparse_categorical_crossentropy(labels, outputs)
    return tf.reduce_mean(per_example)


@tf.function
def train_step(images, labels):
    with tf.GradientTape() as tape:
        outputs = net(images, training=True)
        loss = objective(labels, outputs)
    grads = tape.gradient(loss, net.trainable_variables)
    optimizer.apply_gradients(zip(grads, net.trainable_variables))
    train_loss.update_state(loss)
    train_acc.update_state(labels, outputs)


@tf.function
def test_step(images, labels):
    outputs = net(images, training=False)
    test_loss.update_state(objective(labels, outputs), sample_weight=tf.shape(labels)[0])
    test_acc.update_state(labels, outputs)


for epoch in range(1, EPOCHS + 1):
    t0 = time.time()
    for m in (train_loss, train_acc, test_loss, test_acc):
        m.reset_state()
    for images, labels in train_ds:
        train_step(images, labels)
    for images, labels in test_ds:
        test_step(images, labels)
    print(f"epoch {epoch:02d} | loss {float(train_loss.result()):.4f} acc {float(train_acc.result()):.4f}"
          f" | test loss {float(test_loss.result()):.4f} acc {float(test_acc.result()):.4f}"
          f" | {time.time() - t0:.1f}s")
net.save("fashion_net.keras")
