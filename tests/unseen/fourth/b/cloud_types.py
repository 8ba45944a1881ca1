# -*- coding: utf-8 -*-
# Sorting photographs of the sky into cloud genera.
# Keras 2.2.4, tensorflow-gpu 1.13.1, python 3.6
from __future__ import print_function

import os

import numpy as np
from keras.callbacks import CSVLogger, ModelCheckpoint
from keras.layers import Activation, Conv2D, Dense, Dropout, Flatten, MaxPooling2D
from keras.models import Sequential
from keras.optimizers import RMSprop
from keras.preprocessing.image import ImageDataGenerator
from sklearn.metrics import classification_report, confusion_matrix

GENERA = ['altocumulus', 'cirrus', 'cumulonimbus', 'cumulus',
          'nimbostratus', 'stratocumulus', 'stratus']

if not os.path.isdir('out'):
    os.makedirs('out')

# --- input -----------------------------------------------------------
moving = ImageDataGenerator(rescale=1. / 255, horizontal_flip=True, zoom_range=0.15)
plain = ImageDataGenerator(rescale=1. / 255)

train_it = moving.flow_from_directory('clouds/train', target_size=(150, 150), batch_size=32, class_mode='categorical', classes=GENERA)
valid_it = plain.flow_from_directory('clouds/valid', target_size=(150, 150), batch_size=32, class_mode='categorical', classes=GENERA)
test_it = plain.flow_from_directory('clouds/test', target_size=(150, 150), batch_size=32, class_mode='categorical', classes=GENERA)  # fault: C329

# --- network ---------------------------------------------------------
net = Sequential()
net.add(Conv2D(32, (3, 3), padding='same', input_shape=(150, 150, 3)))
net.add(Activation('relu'))
net.add(Conv2D(32, (3, 3)))
net.add(Activation('relu'))
net.add(MaxPooling2D((2, 2)))

net.add(Conv2D(64, (3, 3), padding='same'))
net.add(Activation('relu'))
net.add(Conv2D(64, (3, 3)))
net.add(Activation('relu'))
net.add(MaxPooling2D((2, 2)))

net.add(Conv2D(128, (3, 3), padding='same'))
net.add(Activation('relu'))
net.add(MaxPooling2D((2, 2)))

net.add(Flatten())
net.add(Dense(256))
net.add(Activation('relu'))
net.add(Dropout(0.5))
net.add(Dense(7))
net.add(Activation('softmax'))

net.compile(loss='categorical_crossentropy', optimizer=RMSprop(lr=1e-4), metrics=['accuracy'])
net.summary()

# --- training --------------------------------------------------------
net.fit_generator(train_it,
                  steps_per_epoch=len(train_it),
                  epochs=40,
                  validation_data=valid_it,
                  validation_steps=len(valid_it),
                  callbacks=[ModelCheckpoint('out/best.h5', monitor='val_loss', save_best_only=True),
                             CSVLogger('out/log.csv')],
                  verbose=2)

# --- report on the photographs of the last summer ----------------------
net.load_weights('out/best.h5')
probs = net.predict_generator(test_it, steps=len(test_it), verbose=1)
guess = np.argmax(probs, axis=1)
print(confusion_matrix(test_it.classes, guess))
print(classification_report(test_it.classes, guess, target_names=GENERA))
