"""Свёрточная сеть на маленьких картинках (курсовая)."""
import keras
from keras import layers, regularizers

from data_utils import load_split, prepare, scale

CONFIG = {
    "folder": "cifar_arrays",
    "classes": 10,
    "batch": 64,
    "epochs": 100,
    "lr": 1e-3,
    "l2": 1e-4,
}


def build(cfg):
    reg = regularizers.l2(cfg["l2"])
    inp = keras.Input((32, 32, 3))
    x = layers.RandomFlip("horizontal")(inp)
    x = layers.RandomTranslation(0.1, 0.1)(x)
    x = layers.Resizing(96, 96)(x)
    for f in (32, 64, 128):
        x = layers.Conv2D(f, 3, padding="same", kernel_regularizer=reg)(x)
        x = layers.BatchNormalization()(x)
        x = layers.Activation("relu")(x)
        x = layers.MaxPooling2D()(x)
        x = layers.Dropout(0.2)(x)
    x = layers.Conv2D(128, 3, padding="same", activation="relu", kernel_regularizer=reg)(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dense(128, activation="relu")(x)
    x = layers.Dropout(0.4)(x)
    return keras.Model(inp, layers.Dense(cfg["classes"], activation="softmax")(x))


def main(cfg):
    train, val = prepare(cfg["folder"], cfg["classes"])
    model = build(cfg)
    model.compile(keras.optimizers.Adam(cfg["lr"]), "categorical_crossentropy", metrics=["accuracy"])
    model.fit(*train, batch_size=cfg["batch"], epochs=cfg["epochs"], validation_data=val,
              callbacks=[keras.callbacks.ReduceLROnPlateau("val_loss", factor=0.5, patience=6),
                         keras.callbacks.EarlyStopping("val_loss", patience=20, restore_best_weights=True)])
    x, y = load_split(cfg["folder"], "test")
    loss, acc = model.evaluate(scale(x), keras.utils.to_categorical(y, cfg["classes"]), verbose=0)
    print(f"точность на тесте: {acc:.3f}")


if __name__ == "__main__":
    main(CONFIG)
