import math

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras.layers import (BatchNormalization, Conv2D, Dense, Dropout, Flatten, Input, LeakyReLU,
                                     MaxPool2D, Resizing)

BATCH, EPOCHS, LR, WARMUP = 128, 50, 2e-3, 3

with np.load("fashion/fashion.npz") as f:
    X, Y = f["x_train"], f["y_train"]
    X_test, Y_test = f["x_test"], f["y_test"]

# hold out 400 images for validation; the same permutation for both arrays
perm = np.random.RandomState(8).permutation(len(X))
X, Y = X[perm], Y[perm]
X_val, Y_val = X[:400], Y[:400]
X_train, Y_train = X[400:], Y[400:]


def norm(x):
    return (x[..., None].astype(np.float32) / 255.0 - 0.286) / 0.353


def augment(img, label):
    img = tf.image.random_flip_left_right(img)
    img = tf.image.resize_with_crop_or_pad(img + 0.81, 32, 32) - 0.81     # the background is -0.81
    img = tf.image.random_crop(img, (28, 28, 1))
    return img, label


one_hot = lambda y: keras.utils.to_categorical(y, 10)
train = (tf.data.Dataset.from_tensor_slices((norm(X_train), one_hot(Y_train)))
         .cache()
         .shuffle(len(X_train))
         .map(augment, num_parallel_calls=tf.data.AUTOTUNE)
         .batch(BATCH)
         .prefetch(1))
val = tf.data.Dataset.from_tensor_slices((norm(X_val), one_hot(Y_val))).batch(200).cache()
test = tf.data.Dataset.from_tensor_slices((norm(X_test), one_hot(Y_test))).batch(200)


def conv(filters):
    return [Conv2D(filters, 3, padding="same", use_bias=False), BatchNormalization(), LeakyReLU(negative_slope=0.1)]


model = keras.Sequential([Input((28, 28, 1)), Resizing(96, 96),
                          *conv(24), MaxPool2D(), *conv(48), MaxPool2D(), *conv(96), MaxPool2D(), *conv(96), MaxPool2D(),
                          Flatten(), Dropout(0.4), Dense(10, activation="softmax")])
model.compile(loss="categorical_crossentropy", optimizer=keras.optimizers.RMSprop(LR), metrics=["acc"])


def cosine(epoch, lr):
    # warm up for three epochs, then half a cosine
    if epoch < WARMUP:
        return LR * (epoch + 1) / WARMUP
    return 0.5 * LR * (1 + math.cos(math.pi * (epoch - WARMUP) / (EPOCHS - WARMUP)))


model.fit(train, epochs=EPOCHS, validation_data=val, callbacks=[
    keras.callbacks.LearningRateScheduler(cosine, verbose=1),
    keras.callbacks.ModelCheckpoint("fashion_best.keras", monitor="val_acc", mode="max", save_best_only=True),
])
best = keras.models.load_model("fashion_best.keras")
print("test:", best.evaluate(test, verbose=0))
