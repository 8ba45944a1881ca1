import os

import keras
import numpy as np
import pandas as pd
from keras import layers, regularizers

ROOT = "pets"
EPOCHS = 50
BATCH = 32


def load_part(table, part):
    rows = table[table.split == part].reset_index(drop=True)
    images = np.stack([
        keras.utils.img_to_array(keras.utils.load_img(os.path.join(ROOT, "images", f), target_size=(48, 48)))
        for f in rows.file
    ])
    codes, names = pd.factorize(rows.label)
    targets = keras.utils.to_categorical(codes, num_classes=len(names))
    return images, targets, list(names)


def block(x, filters):
    x = layers.Conv2D(filters, 3, padding="same", kernel_regularizer=regularizers.L2(1e-4))(x)
    x = layers.BatchNormalization(momentum=0.9)(x)
    x = layers.ELU()(x)
    x = layers.Conv2D(filters, 3, padding="same", kernel_regularizer=regularizers.L2(1e-4))(x)
    x = layers.BatchNormalization(momentum=0.9)(x)
    x = layers.ELU()(x)
    return layers.MaxPooling2D()(x)


def build(n_classes):
    inputs = keras.Input((48, 48, 3))
    x = layers.Rescaling(1.0 / 255)(inputs)
    x = layers.RandomFlip("horizontal")(x)
    x = layers.RandomTranslation(0.1, 0.1, fill_mode="reflect")(x)
    for f in (32, 64, 128):
        x = block(x, f)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.3)(x)
    return keras.Model(inputs, layers.Dense(n_classes, activation="softmax")(x))


def main():
    keras.utils.set_random_seed(2024)
    table = pd.read_csv(os.path.join(ROOT, "labels.csv"))
    x_train, y_train, names = load_part(table, "train")
    x_val, y_val, _ = load_part(table, "valid")
    print(x_train.shape, y_train.shape, x_val.shape, y_val.shape)
    print("classes:", names)

    model = build(len(names))
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=1e-3),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.1),
        metrics=["accuracy"],
    )
    model.fit(
        x_train, y_train, batch_size=BATCH, epochs=EPOCHS, shuffle=True,
        validation_data=(x_val, y_val),
        callbacks=[
            keras.callbacks.ReduceLROnPlateau("val_loss", factor=0.3, patience=5, min_lr=1e-5),
            keras.callbacks.TerminateOnNaN(),
        ],
    )
    model.save("pets_elu.keras")


if __name__ == "__main__":
    main()
