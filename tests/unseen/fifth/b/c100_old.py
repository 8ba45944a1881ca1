#coding=utf-8
# 课程作业3: cifar100 (keras 1.2, tensorflow 后端)
from __future__ import print_function
import numpy as np
from keras.datasets import cifar100
from keras.models import Sequential
from keras.layers import Dense, Dropout, Flatten, Activation
from keras.layers import Convolution2D, MaxPooling2D
from keras.layers.normalization import BatchNormalization
from keras.optimizers import Adam
from keras.preprocessing.image import ImageDataGenerator
from keras.utils import np_utils
from keras import backend as K

K.set_image_dim_ordering('tf')
np.random.seed(1671)

batch_size = 64
nb_classes = 100
nb_epoch = 60

(X_train, y_train), (X_test, y_test) = cifar100.load_data(label_mode='fine')
print(X_train.shape[0], 'train', X_test.shape[0], 'test')

# 标签转成 one-hot
Y_train = np_utils.to_categorical(y_train, nb_classes)
Y_test = np_utils.to_categorical(y_test, nb_classes)

X_train = X_train.astype('float32')
X_test = X_test.astype('float32')
X_train /= 255
X_test /= 255

def block(m, n, first=False):
    # 每个块: 两个卷积 + 池化
    if first:
        m.add(Convolution2D(n, 3, 3, border_mode='same', input_shape=(32, 32, 3)))
    else:
        m.add(Convolution2D(n, 3, 3, border_mode='same'))
    m.add(BatchNormalization())
    m.add(Activation('relu'))
    m.add(Convolution2D(n, 3, 3, border_mode='same'))
    m.add(BatchNormalization())
    m.add(Activation('relu'))
    m.add(MaxPooling2D(pool_size=(2, 2)))
    m.add(Dropout(0.25))

model = Sequential()
block(model, 64, first=True)
block(model, 128)
block(model, 256)
model.add(Flatten())
model.add(Dense(512))
model.add(Activation('relu'))
model.add(Dropout(0.5))
model.add(Dense(nb_classes))
model.add(Activation('softmax'))

adam = Adam(lr=0.001)
model.compile(loss='categorical_crossentropy', optimizer=adam, metrics=['accuracy'])
model.summary()

# 数据增强, 只用于训练
datagen = ImageDataGenerator(width_shift_range=0.1, height_shift_range=0.1, horizontal_flip=True)

model.fit_generator(datagen.flow(X_train, Y_train, batch_size=batch_size),
                    samples_per_epoch=X_train.shape[0],
                    nb_epoch=nb_epoch,
                    validation_data=(X_test, Y_test))

score = model.evaluate(X_test, Y_test, verbose=0)
print('Test score:', score[0])
print('Test accuracy:', score[1])

# 保存
json_string = model.to_json()
open('c100_arch.json', 'w').write(json_string)
model.save_weights('c100_weights.h5', overwrite=True)
