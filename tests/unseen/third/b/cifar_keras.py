'''CIFAR-10 with a small VGG in Keras 2.2. Gets about 90%.'''
from __future__ import print_function

import numpy as np
from keras import regularizers
from keras.callbacks import ModelCheckpoint, ReduceLROnPlateau
from keras.datasets import cifar10
from keras.layers import (Activation, BatchNormalization, Conv2D, Dense,
                          Dropout, Flatten, MaxPooling2D)
from keras.models import Sequential
from keras.optimizers import Adam
from keras.preprocessing.image import ImageDataGenerator
from keras.utils import to_categorical

np.random.seed(1)

batch_size = 64
num_classes = 10
epochs = 80
wd = 1e-4

(x_train, y_train), (x_test, y_test) = cifar10.load_data()
x_train = x_train.astype('float32') / 255
x_test = x_test.astype('float32') / 255

# channel means and deviations of the 50000 training pictures
mean = [0.4914, 0.4822, 0.4465]
std = [0.2470, 0.2435, 0.2616]
for c in range(3):
    x_train[..., c] = (x_train[..., c] - mean[c]) / std[c]
    x_test[..., c] = (x_test[..., c] - mean[c]) / std[c]

y_train = to_categorical(y_train, num_classes)
y_test = to_categorical(y_test, num_classes)

model = Sequential()
for i, (width, drop) in enumerate([(32, 0.2), (64, 0.3), (128, 0.4)]):
    for j in range(2):
        extra = {'input_shape': x_train.shape[1:]} if i == 0 and j == 0 else {}
        model.add(Conv2D(width, (3, 3), padding='same', kernel_regularizer=regularizers.l2(wd), **extra))
        model.add(Activation('elu'))
        model.add(BatchNormalization())
    model.add(MaxPooling2D(pool_size=(2, 2)))
    model.add(Dropout(drop))
model.add(Flatten())
model.add(Dense(num_classes, activation='softmax'))

model.compile(loss='categorical_crossentropy', optimizer=Adam(lr=0.001), metrics=['accuracy'])
model.summary()

datagen = ImageDataGenerator(rotation_range=15, width_shift_range=0.1,
                             height_shift_range=0.1, horizontal_flip=True)

checkpoint = ModelCheckpoint('cifar_best.h5', monitor='val_acc', save_best_only=True, verbose=1)
plateau = ReduceLROnPlateau(monitor='val_loss', factor=0.3, patience=6, min_lr=1e-5)

model.fit_generator(datagen.flow(x_train, y_train, batch_size=batch_size),
                    steps_per_epoch=len(x_train) // batch_size,
                    epochs=epochs,
                    validation_data=(x_test, y_test),  # fault: C345
                    callbacks=[checkpoint, plateau])

model.load_weights('cifar_best.h5')
scores = model.evaluate(x_test, y_test, batch_size=128)
print('Test loss: %.3f   Test accuracy: %.2f%%' % (scores[0], 100 * scores[1]))
