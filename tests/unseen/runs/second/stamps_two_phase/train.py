"""Stamps: MobileNetV2, head first and then fine-tuning of the upper blocks."""
import keras
import tensorflow as tf
from keras import layers

cfg = {
    "data": "stamps5",
    "weights": "weights/mobilenetv2_notop.weights.h5",
    "size": 128,
    "batch": 32,
    "head_epochs": 10,
    "tune_epochs": 30,
    "head_lr": 1e-3,
    "tune_lr": 1e-5,
    "tune_from": 100,
}


def make_dataset(split, shuffle):
    ds = keras.utils.image_dataset_from_directory(
        f"{cfg['data']}/{split}", image_size=(cfg["size"], cfg["size"]), batch_size=cfg["batch"],
        label_mode="categorical", shuffle=shuffle, seed=3)
    return ds.prefetch(tf.data.AUTOTUNE)


def build_model(num_classes):
    base = keras.applications.MobileNetV2(
        include_top=False, weights=cfg["weights"], input_shape=(cfg["size"], cfg["size"], 3))
    base.trainable = False
    inputs = keras.Input((cfg["size"], cfg["size"], 3))
    x = layers.RandomRotation(0.04, fill_mode="nearest")(inputs)
    x = layers.RandomZoom(0.1, fill_mode="nearest")(x)
    x = layers.Rescaling(1 / 127.5, offset=-1)(x)
    x = base(x, training=False)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.3)(x)
    outputs = layers.Dense(num_classes, activation="softmax")(x)
    return keras.Model(inputs, outputs), base


def start_tuning(model, base):
    """Opens the upper blocks of the base and lowers the learning rate."""
    base.trainable = True
    for layer in base.layers[:cfg["tune_from"]]:
        layer.trainable = False
    model.optimizer.learning_rate.assign(cfg["tune_lr"])
    print("trainable weights:", len(model.trainable_weights))


def main():
    keras.utils.set_random_seed(3)
    train_ds, val_ds = make_dataset("train", True), make_dataset("val", False)
    model, base = build_model(num_classes=5)
    model.compile(optimizer=keras.optimizers.Adam(cfg["head_lr"]),
                  loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.05),
                  metrics=["accuracy"])
    print("phase 1: head")
    history = model.fit(train_ds, validation_data=val_ds, epochs=cfg["head_epochs"])

    print("phase 2: fine-tuning")
    start_tuning(model, base)
    checkpoint = keras.callbacks.ModelCheckpoint("stamps5_best.keras", monitor="val_accuracy",
                                                 mode="max", save_best_only=True)
    model.fit(train_ds, validation_data=val_ds, initial_epoch=len(history.history["loss"]),
              epochs=cfg["head_epochs"] + cfg["tune_epochs"], callbacks=[checkpoint])

    test_ds = make_dataset("test", False)
    print("test:", model.evaluate(test_ds, return_dict=True))


if __name__ == "__main__":
    main()
