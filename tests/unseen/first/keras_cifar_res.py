# Sound.
from __future__ import print_function
import os
import numpy as np
from tensorflow import keras
from tensorflow.keras.callbacks import LearningRateScheduler, ModelCheckpoint
from tensorflow.keras.datasets import cifar10
from tensorflow.keras.layers import (Activation, AveragePooling2D, BatchNormalization, Conv2D, Dense,
                                     Flatten, Input, add)
from tensorflow.keras.models import Model
from tensorflow.keras.preprocessing.image import ImageDataGenerator
from tensorflow.keras.regularizers import l2

# ---------------------------------------------------------------- options
batch_size   = 128
epochs       = 164
num_classes  = 10
weight_decay = 1e-4
n            = 5          # 6n+2 = 32 layers

# ---------------------------------------------------------------- data
(x_train, y_train), (x_test, y_test) = cifar10.load_data()
x_train = x_train.astype('float32') / 255
x_test  = x_test.astype('float32') / 255

# per-channel statistics of the TRAINING images, used for both
mu    = x_train.mean(axis=(0, 1, 2), keepdims=True)
sigma = x_train.std(axis=(0, 1, 2), keepdims=True)
x_train = (x_train - mu) / sigma
x_test  = (x_test - mu) / sigma

y_train = keras.utils.to_categorical(y_train, num_classes)
y_test  = keras.utils.to_categorical(y_test, num_classes)


# ---------------------------------------------------------------- net
def conv(x, k, size=3, stride=1):
    return Conv2D(k, size, strides=stride, padding='same', use_bias=False,
                  kernel_initializer='he_normal', kernel_regularizer=l2(weight_decay))(x)


def bn_relu(x):
    return Activation('relu')(BatchNormalization(momentum=0.9)(x))


def residual(x, k, stride):
    y = bn_relu(conv(x, k, stride=stride))
    y = BatchNormalization(momentum=0.9)(conv(y, k))
    if stride != 1 or x.shape[-1] != k:
        x = conv(x, k, size=1, stride=stride)
    return Activation('relu')(add([x, y]))


inp = Input((32, 32, 3))
x = bn_relu(conv(inp, 16))
for stage, k in enumerate([16, 32, 64]):
    for i in range(n):
        x = residual(x, k, 2 if stage and i == 0 else 1)
x = Flatten()(AveragePooling2D(8)(x))
out = Dense(num_classes, activation='softmax', kernel_initializer='he_normal',
            kernel_regularizer=l2(weight_decay))(x)
model = Model(inp, out)


# ---------------------------------------------------------------- training
def lr_at(epoch):
    if epoch < 1:
        return 0.01       # warm up, as in the paper
    if epoch < 82:
        return 0.1
    if epoch < 123:
        return 0.01
    return 0.001


model.compile(loss='categorical_crossentropy',
              optimizer=keras.optimizers.SGD(learning_rate=0.1, momentum=0.9, nesterov=True),
              metrics=['accuracy'])

gen = ImageDataGenerator(width_shift_range=0.125, height_shift_range=0.125,
                         fill_mode='constant', cval=0., horizontal_flip=True)

os.makedirs('saved', exist_ok=True)
model.fit(gen.flow(x_train, y_train, batch_size=batch_size, shuffle=True),
          steps_per_epoch=len(x_train) // batch_size,
          epochs=epochs,
          validation_data=(x_test, y_test),
          callbacks=[LearningRateScheduler(lr_at, verbose=0),
                     ModelCheckpoint('saved/res32.keras', monitor='val_accuracy', save_best_only=True)],
          verbose=2)

print('test:', model.evaluate(x_test, y_test, verbose=0))
