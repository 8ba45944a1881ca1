#!/usr/bin/env python
# -*- coding: utf-8 -*-
# Keras 2.2.4 / TF 1.13
# 1) letters (EMNIST, 26)  ->  letters.h5
# 2) digits from our own scanned forms, starting from the filters of the letters
from __future__ import print_function, division

import os
import numpy as np
from keras.models import Model
from keras.layers import Input, Conv2D, MaxPooling2D, Dense, Dropout, Flatten
from keras.optimizers import SGD
from keras.preprocessing.image import ImageDataGenerator
from keras.callbacks import ModelCheckpoint
from keras.utils import np_utils

np.random.seed(1337)

LETTERS_W = 'letters.h5'
bs = 100


def net(n_out, fc_name):
    inp = Input(shape=(28, 28, 1), name='img')
    x = Conv2D(32, (3, 3), activation='relu', padding='same', name='conv1a')(inp)
    x = Conv2D(32, (3, 3), activation='relu', padding='same', name='conv1b')(x)
    x = MaxPooling2D((2, 2), name='pool1')(x)
    x = Conv2D(64, (3, 3), activation='relu', padding='same', name='conv2a')(x)
    x = Conv2D(64, (3, 3), activation='relu', padding='same', name='conv2b')(x)
    x = MaxPooling2D((2, 2), name='pool2')(x)
    x = Flatten(name='flat')(x)
    x = Dense(256, activation='relu', name='fc1')(x)
    x = Dropout(0.5, name='drop')(x)
    out = Dense(n_out, activation='softmax', name=fc_name)(x)
    return Model(inputs=inp, outputs=out)


def prepare(npz, first_label, n_out):
    d = np.load(npz)
    X = d['images'].reshape(-1, 28, 28, 1).astype('float32') / 255.
    Y = np_utils.to_categorical(d['labels'].astype('int32') - first_label, n_out)
    order = np.random.permutation(len(X))
    X, Y = X[order], Y[order]
    n = len(X) // 10
    return (X[n:], Y[n:]), (X[:n], Y[:n])


def run(model, train, valid, n_epoch, to_file):
    model.compile(loss='categorical_crossentropy',
                  optimizer=SGD(lr=0.01, momentum=0.9, nesterov=True),
                  metrics=['accuracy'])
    aug = ImageDataGenerator(rotation_range=8, width_shift_range=0.08,
                             height_shift_range=0.08, shear_range=5)
    model.fit_generator(aug.flow(train[0], train[1], batch_size=bs, shuffle=True),
                        steps_per_epoch=len(train[0]) // bs,
                        epochs=n_epoch,
                        validation_data=valid,
                        callbacks=[ModelCheckpoint(to_file, monitor='val_acc',
                                                   save_best_only=True,
                                                   save_weights_only=True)],
                        verbose=2)


if not os.path.exists(LETTERS_W):
    tr, va = prepare('emnist_letters.npz', 1, 26)       # labels 1..26
    run(net(26, 'fc_letters'), tr, va, 20, LETTERS_W)

tr, va = prepare('forms_digits.npz', 0, 10)
m = net(10, 'fc_digits')
m.load_weights(LETTERS_W, by_name=True)                 # all but fc_digits
run(m, tr, va, 15, 'digits.h5')

m.load_weights('digits.h5')
print('validation:', m.evaluate(va[0], va[1], batch_size=500, verbose=0))
