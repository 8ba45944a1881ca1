# Faulty: N202: the images are divided by 255 although EfficientNet's own first layers do that again
import glob
import os
import random

import tensorflow as tf
from tensorflow.keras import Sequential, layers
from tensorflow.keras.applications import EfficientNetB0
from tensorflow.keras.callbacks import EarlyStopping, ModelCheckpoint

AUTOTUNE = tf.data.AUTOTUNE
SEED = 1
tf.keras.utils.set_random_seed(SEED)

CLASSES = ["cloudy", "rain", "shine", "sunrise", "fog", "snow"]
H = W = 224
BS = 16

files = glob.glob("weather/*/*.jpg")
files.sort()
random.shuffle(files)
labels = [CLASSES.index(os.path.basename(os.path.dirname(f))) for f in files]
cut = int(len(files) * 0.85)


def decode(path, label):
    raw = tf.io.read_file(path)
    img = tf.io.decode_jpeg(raw, channels=3)
    img = tf.image.resize(img, (H, W))
    img = img / 255.0  # fault: N202
    return img, tf.one_hot(label, len(CLASSES))


def make(paths, targets, training):
    ds = tf.data.Dataset.from_tensor_slices((paths, targets))
    if training:
        ds = ds.shuffle(len(paths), seed=SEED)
    ds = ds.map(decode, num_parallel_calls=AUTOTUNE).batch(BS)
    return ds.prefetch(AUTOTUNE)


train = make(files[:cut], labels[:cut], True)
val = make(files[cut:], labels[cut:], False)

# augmentation is part of the model and idle at inference
aug = Sequential([layers.RandomFlip("horizontal"), layers.RandomTranslation(0.1, 0.1)])

backbone = EfficientNetB0(include_top=False, weights="imagenet", input_shape=(H, W, 3))
backbone.trainable = False

model = Sequential([
    layers.Input((H, W, 3)),
    aug,
    backbone,
    layers.GlobalAveragePooling2D(),
    layers.Dropout(0.2),
    layers.Dense(len(CLASSES), activation="softmax"),
])
model.compile(optimizer=tf.keras.optimizers.Adam(learning_rate=1e-3),
              loss="categorical_crossentropy", metrics=["accuracy"])

model.fit(train, validation_data=val, epochs=20,
          callbacks=[EarlyStopping(patience=4, restore_best_weights=True),
                     ModelCheckpoint("weather.keras", save_best_only=True)])
print(model.evaluate(val))
