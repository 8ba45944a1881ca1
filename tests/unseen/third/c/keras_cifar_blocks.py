"""CIFAR-10 with a VGG-like network in Keras (TF 2.x).

    python keras_cifar_blocks.py
"""
import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

NUM_CLASSES = 10
BATCH_SIZE = 128
EPOCHS = 60

keras.utils.set_random_seed(2022)


def load():
    (x_train, y_train), (x_test, y_test) = keras.datasets.cifar10.load_data()
    x_train = x_train.astype("float32") / 255.0
    x_test = x_test.astype("float32") / 255.0

    mean = np.array([0.4914, 0.4822, 0.4465], dtype="float32")
    std = np.array([0.2470, 0.2435, 0.2616], dtype="float32")
    x_train = (x_train - mean) / std
    x_test = (x_test - mean) / std

    eye = np.eye(NUM_CLASSES, dtype="float32")
    y_train = eye[y_train.ravel()]
    y_test = eye[y_test.ravel()]
    return (x_train, y_train), (x_test, y_test)


def conv_bn(x, filters):
    x = layers.Conv2D(filters, 3, padding="same", use_bias=False, kernel_initializer="he_normal")(x)
    x = layers.BatchNormalization()(x)
    return layers.Activation("relu")(x)


def build_model():
    inputs = keras.Input(shape=(32, 32, 3))
    x = layers.RandomFlip("horizontal")(inputs)
    x = layers.RandomTranslation(0.1, 0.1)(x)
    for i, filters in enumerate((64, 128, 256)):
        x = conv_bn(x, filters)
        x = conv_bn(x, filters)
        x = layers.MaxPooling2D()(x)
        x = layers.Dropout(0.1 + 0.1 * i)(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dense(256, activation="relu")(x)
    x = layers.Dropout(0.4)(x)
    outputs = layers.Dense(NUM_CLASSES, activation="softmax")(x)
    return keras.Model(inputs, outputs, name="vggish")


def main():
    (x_train, y_train), (x_test, y_test) = load()
    model = build_model()
    model.summary()

    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=1e-3),
        loss="sparse_categorical_crossentropy",  # fault: C308
        metrics=["accuracy"],
    )
    callbacks = [
        keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.5, patience=4, min_lr=1e-5),
        keras.callbacks.EarlyStopping(monitor="val_loss", patience=12, restore_best_weights=True),
    ]
    model.fit(
        x_train,
        y_train,
        batch_size=BATCH_SIZE,
        epochs=EPOCHS,
        validation_split=0.1,
        shuffle=True,
        callbacks=callbacks,
        verbose=2,
    )

    loss, acc = model.evaluate(x_test, y_test, batch_size=256, verbose=0)
    print(f"test loss {loss:.4f}, test accuracy {acc:.4f}")
    model.save("cifar_vggish.keras")


if __name__ == "__main__":
    print("TensorFlow", tf.__version__)
    main()
