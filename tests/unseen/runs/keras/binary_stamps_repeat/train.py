# 二値分類: スタンプの絵が「動物」か「記号」か
import math

import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

SIZE = 128
BATCH = 32
EPOCHS = 60
NAMES = ["animals", "symbols"]          # 0, 1


def load(split):
    return keras.utils.image_dataset_from_directory(
        f"stamps5/{split}", label_mode="binary", class_names=NAMES, image_size=(SIZE, SIZE),
        batch_size=None, shuffle=False, pad_to_aspect_ratio=True)


raw_train, raw_val = load("train"), load("val")
n_train = int(raw_train.cardinality())

# 各エポックで全画像を一度ずつ: shuffle -> repeat -> batch
steps = math.ceil(n_train / BATCH)
train = (raw_train.map(lambda x, y: (x / 255.0, y)).cache()
         .shuffle(n_train, reshuffle_each_iteration=True).repeat().batch(BATCH).prefetch(tf.data.AUTOTUNE))
val = raw_val.map(lambda x, y: (x / 255.0, y)).batch(BATCH).cache()

# クラスの重み
pos = float(sum(int(y.numpy().item()) for _, y in raw_train))
class_weight = {0: n_train / (2 * (n_train - pos)), 1: n_train / (2 * pos)}


def separable(x, f):
    x = layers.SeparableConv2D(f, 3, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    return layers.Activation("relu")(x)


inputs = layers.Input((SIZE, SIZE, 3))
x = layers.RandomFlip("horizontal")(inputs)
x = layers.RandomTranslation(0.08, 0.08, fill_mode="nearest")(x)
x = layers.Conv2D(32, 3, strides=2, padding="same", use_bias=False)(x)
x = layers.Activation("relu")(layers.BatchNormalization()(x))
for f in (64, 128, 256):
    y = separable(separable(x, f), f)
    y = layers.MaxPooling2D(3, 2, padding="same")(y)
    x = layers.add([y, layers.Conv2D(f, 1, strides=2, padding="same")(x)])
x = layers.GlobalAveragePooling2D()(x)
x = layers.Dropout(0.3)(x)
outputs = layers.Dense(1, activation="sigmoid")(x)
model = keras.Model(inputs, outputs)

model.compile(optimizer=keras.optimizers.Adam(5e-4), loss="binary_crossentropy",
              metrics=["accuracy", keras.metrics.AUC(name="auc")])
model.fit(train, steps_per_epoch=steps, epochs=EPOCHS, class_weight=class_weight,
          validation_data=val,
          callbacks=[keras.callbacks.EarlyStopping("val_auc", mode="max", patience=12, restore_best_weights=True)])

test = load("test").map(lambda x, y: (x / 255.0, y)).batch(BATCH)
print(dict(zip(model.metrics_names, model.evaluate(test))))
