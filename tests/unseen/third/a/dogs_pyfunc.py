# 犬种分类,密集连接网络
import glob

import numpy as np
import pandas as pd
import tensorflow as tf
from PIL import Image
from sklearn.model_selection import train_test_split

IMG = 224
BS = 32
EPOCHS = 15
AUTO = tf.data.AUTOTUNE

tf.random.set_seed(2021)

# 读取标签
df = pd.read_csv('input/labels.csv')  # id, breed
breeds = sorted(df['breed'].unique())
breed2num = {b: i for i, b in enumerate(breeds)}
labels = df['breed'].map(breed2num).values.astype('int64')

# 图片路径
paths = np.array(glob.glob('input/train/*.jpg'))  # fault: C329
assert len(paths) == len(labels)
print(len(paths), '张图片', len(breeds), '个品种')

tr_x, va_x, tr_y, va_y = train_test_split(
    paths, labels, test_size=0.15, stratify=labels, random_state=2021)


def _open(p):
    with Image.open(p.numpy().decode('utf-8')) as im:
        im = im.convert('RGB').resize((IMG, IMG), Image.BILINEAR)
    return np.asarray(im, dtype=np.float32)


def load(p, y):
    im = tf.py_function(_open, [p], tf.float32)
    im.set_shape((IMG, IMG, 3))
    return im, y


def flip(im, y):
    im = tf.image.random_flip_left_right(im)
    im = tf.image.random_brightness(im, 20.0)
    return tf.clip_by_value(im, 0.0, 255.0), y


def prep(im, y):
    # /255,再按ImageNet均值方差标准化
    return tf.keras.applications.densenet.preprocess_input(im), y


train_ds = (tf.data.Dataset.from_tensor_slices((tr_x, tr_y))
            .shuffle(len(tr_x), seed=2021, reshuffle_each_iteration=True)
            .map(load, num_parallel_calls=AUTO)
            .map(flip, num_parallel_calls=AUTO)
            .batch(BS, drop_remainder=True)
            .map(prep, num_parallel_calls=AUTO)
            .prefetch(AUTO))
val_ds = (tf.data.Dataset.from_tensor_slices((va_x, va_y))
          .map(load, num_parallel_calls=AUTO)
          .batch(BS)
          .map(prep, num_parallel_calls=AUTO)
          .prefetch(AUTO))

# 网络
base = tf.keras.applications.DenseNet121(
    include_top=False, weights='imagenet', input_shape=(IMG, IMG, 3), pooling='avg')
base.trainable = False
inp = tf.keras.Input((IMG, IMG, 3))
h = base(inp, training=False)
h = tf.keras.layers.Dense(512, activation='relu')(h)
h = tf.keras.layers.Dropout(0.4)(h)
out = tf.keras.layers.Dense(len(breeds), activation='softmax')(h)
model = tf.keras.Model(inp, out)

model.compile(optimizer=tf.keras.optimizers.Adam(5e-4),
              loss='sparse_categorical_crossentropy',
              metrics=['accuracy'])

cb = [
    tf.keras.callbacks.EarlyStopping(monitor='val_loss', patience=4, restore_best_weights=True),
    tf.keras.callbacks.ReduceLROnPlateau(monitor='val_loss', factor=0.3, patience=2),
]
model.fit(train_ds, validation_data=val_ds, epochs=EPOCHS, callbacks=cb)
model.save('dogs_densenet')
