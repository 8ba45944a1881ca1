"""17 kinds of blossoms, transfer learning with Keras."""
import pathlib

import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

DATA = pathlib.Path("blossoms")
SIZE = (224, 224)
BATCH = 32
CLASSES = 17

keras.utils.set_random_seed(7)


def load(part, shuffle):
    ds = keras.utils.image_dataset_from_directory(
        DATA / part, image_size=SIZE, batch_size=BATCH, shuffle=shuffle, seed=7)
    return ds.prefetch(tf.data.AUTOTUNE)


train_ds = load("train", True)
val_ds = load("val", False)
test_ds = load("test", False)

base = keras.applications.ResNet50(include_top=False, weights="imagenet", input_shape=SIZE + (3,), pooling="avg")
base.trainable = False

inputs = keras.Input(shape=SIZE + (3,))
x = layers.RandomFlip("horizontal")(inputs)
x = layers.RandomRotation(0.1)(x)
x = layers.Rescaling(1.0 / 255)(x)  # fault: N203
x = base(x, training=False)
x = layers.Dropout(0.3)(x)
outputs = layers.Dense(CLASSES, activation="softmax")(x)
model = keras.Model(inputs, outputs)

model.compile(optimizer=keras.optimizers.Adam(learning_rate=1e-3),
              loss="sparse_categorical_crossentropy",
              metrics=["accuracy"])
model.summary()

stop = keras.callbacks.EarlyStopping(monitor="val_loss", patience=5, restore_best_weights=True)
model.fit(train_ds, validation_data=val_ds, epochs=30, callbacks=[stop])

loss, acc = model.evaluate(test_ds)
print(f"test accuracy {acc:.3f}")
model.save("blossoms.keras")
