"""EfficientNetB0 head on nine kinds of pictures (single folder, split here)."""
import sys

import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

folder = sys.argv[1] if len(sys.argv) > 1 else "gallery9"
size, batch, seed = 128, 32, 1337

train_ds, val_ds = keras.utils.image_dataset_from_directory(
    folder,
    validation_split=0.2,
    subset="both",
    seed=seed,
    image_size=(size, size),
    batch_size=batch,
    label_mode="categorical",
)
num_classes = len(train_ds.class_names)

augment = keras.Sequential(
    [layers.RandomFlip("horizontal"), layers.RandomRotation(0.08), layers.RandomContrast(0.1)], name="augment")

train_ds = train_ds.prefetch(tf.data.AUTOTUNE)
val_ds = val_ds.cache().prefetch(tf.data.AUTOTUNE)


def make_model():
    inputs = keras.Input(shape=(size, size, 3))
    x = augment(inputs)
    # no scaling: the network begins with its own Rescaling and Normalization
    backbone = keras.applications.EfficientNetB0(include_top=False, weights="weights/efficientnetb0_notop.weights.h5",
                                                 input_shape=(size, size, 3))
    backbone.trainable = False
    x = backbone(x, training=False)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.BatchNormalization()(x)
    x = layers.Dropout(0.25)(x)
    outputs = layers.Dense(num_classes, activation="softmax", dtype="float32")(x)
    return keras.Model(inputs, outputs)


model = make_model()
model.compile(
    optimizer=keras.optimizers.Adam(learning_rate=2e-3),
    loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.1),
    metrics=["accuracy", keras.metrics.TopKCategoricalAccuracy(3, name="top3")],
)
model.fit(
    train_ds,
    epochs=25,
    validation_data=val_ds,
    callbacks=[keras.callbacks.EarlyStopping(patience=6, restore_best_weights=True)],
)
model.save("effnet_gallery.keras")
