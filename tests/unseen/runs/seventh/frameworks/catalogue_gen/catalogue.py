# Product photos, lists in csv. Old ImageDataGenerator code, still runs.
import os
import sys
os.environ['KERAS_BACKEND'] = 'tensorflow'
os.environ['TF_CPP_MIN_LOG_LEVEL'] = '2'
import pandas as pd
import tensorflow as tf
from tensorflow.keras import layers, models, callbacks
from tensorflow.keras.preprocessing.image import ImageDataGenerator

IMG = (28, 28)
BATCH = 32
EPOCHS = int(sys.argv[1]) if len(sys.argv) > 1 else 60
tf.keras.utils.set_random_seed(7)

train_df = pd.read_csv('catalogue/train.csv')
val_df = pd.read_csv('catalogue/val.csv')
print(len(train_df), 'training', len(val_df), 'validation images')

train_gen = ImageDataGenerator(rescale=1. / 255,
                               width_shift_range=0.08,
                               height_shift_range=0.08,
                               zoom_range=0.08,
                               horizontal_flip=True)
val_gen = ImageDataGenerator(rescale=1. / 255)

common = dict(directory='catalogue/img', x_col='file', y_col='kind', target_size=IMG,
              color_mode='grayscale', class_mode='sparse', batch_size=BATCH)
train_it = train_gen.flow_from_dataframe(train_df, shuffle=True, seed=7, **common)
val_it = val_gen.flow_from_dataframe(val_df, shuffle=False, **common)
n_classes = len(train_it.class_indices)


def conv(filters, **kw):
    return [layers.Conv2D(filters, 3, padding='same', use_bias=False, **kw),
            layers.BatchNormalization(),
            layers.Activation('relu')]


model = models.Sequential([layers.Input(IMG + (1,))]
                          + conv(24) + conv(24) + [layers.MaxPooling2D()]
                          + conv(48) + conv(48) + [layers.MaxPooling2D()]
                          + conv(96)
                          + [layers.GlobalAveragePooling2D(),
                             layers.Dropout(0.3),
                             layers.Dense(n_classes, activation='softmax')])
model.compile(optimizer=tf.keras.optimizers.Adam(1e-3),
              loss='sparse_categorical_crossentropy',
              metrics=['accuracy'])
model.summary()

model.fit(train_it,
          epochs=EPOCHS,
          validation_data=val_it,
          callbacks=[callbacks.ReduceLROnPlateau(monitor='loss', factor=0.5, patience=4, min_lr=1e-5, verbose=1),
                     callbacks.TerminateOnNaN()],
          verbose=2)

scores = model.evaluate(val_it, verbose=0)
print('validation loss %.4f accuracy %.4f' % tuple(scores))
