import os
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import tensorflow as tf
from keras import layers

IMG_HEIGHT = IMG_WIDTH = 112
BATCH_SIZE = 32
EPOCHS = 80

train_ds = keras.utils.image_dataset_from_directory(
    "objects10/train", seed=123, image_size=(IMG_HEIGHT, IMG_WIDTH), batch_size=BATCH_SIZE)
val_ds = keras.utils.image_dataset_from_directory(
    "objects10/val", shuffle=False, image_size=(IMG_HEIGHT, IMG_WIDTH), batch_size=BATCH_SIZE)
test_ds = keras.utils.image_dataset_from_directory(
    "objects10/test", shuffle=False, image_size=(IMG_HEIGHT, IMG_WIDTH), batch_size=BATCH_SIZE)
class_names = train_ds.class_names
assert class_names == val_ds.class_names == test_ds.class_names

# pictures stay in memory, the order changes each epoch
train_ds = train_ds.unbatch().cache().shuffle(2000).batch(BATCH_SIZE).prefetch(tf.data.AUTOTUNE)
val_ds = val_ds.cache().prefetch(tf.data.AUTOTUNE)

model = keras.Sequential([
    keras.Input((IMG_HEIGHT, IMG_WIDTH, 3)),
    layers.RandomFlip("horizontal"),
    layers.RandomRotation(0.05),
    layers.RandomZoom(0.1),
    layers.Rescaling(1.0 / 255),
    layers.Conv2D(32, 3, padding="same", activation="relu"),
    layers.MaxPooling2D(),
    layers.Conv2D(64, 3, padding="same", activation="relu"),
    layers.MaxPooling2D(),
    layers.Conv2D(128, 3, padding="same", activation="relu"),
    layers.MaxPooling2D(),
    layers.Conv2D(128, 3, padding="same", activation="relu"),
    layers.GlobalAveragePooling2D(),
    layers.Dropout(0.3),
    layers.Dense(128, activation="relu"),
    layers.Dense(len(class_names)),
])
model.compile(optimizer="adam",
              loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
              metrics=["accuracy"])
model.summary()
model.fit(train_ds, validation_data=val_ds, epochs=EPOCHS,
          callbacks=[keras.callbacks.EarlyStopping(monitor="val_loss", patience=12, restore_best_weights=True)])
print(model.evaluate(test_ds, return_dict=True))

# for the app: probabilities instead of scores
export = keras.Sequential([model, layers.Softmax()])
export.save("objects_app.keras")
