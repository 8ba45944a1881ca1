"""Training entry point of the sorting line classifier."""
import json
import logging
from pathlib import Path

import tensorflow as tf

from input_pipeline import CLASS_NAMES, IMAGE_SIZE, build_pipeline

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
log = logging.getLogger("waste_sort")

RUN_DIR = Path("runs/waste_sort")
EPOCHS = 18
LEARNING_RATE = 1e-3


def build_model() -> tf.keras.Model:
    backbone = tf.keras.applications.EfficientNetB0(include_top=False, weights="imagenet")
    backbone.trainable = False

    augment = tf.keras.Sequential(
        [
            tf.keras.layers.RandomFlip("horizontal"),
            tf.keras.layers.RandomRotation(0.1),
            tf.keras.layers.RandomZoom(0.1),
        ],
        name="augment",
    )

    inputs = tf.keras.Input(shape=IMAGE_SIZE + (3,))
    x = augment(inputs)
    x = backbone(x, training=False)
    x = tf.keras.layers.GlobalAveragePooling2D()(x)
    x = tf.keras.layers.Dropout(0.2)(x)
    outputs = tf.keras.layers.Dense(len(CLASS_NAMES), activation="softmax")(x)
    return tf.keras.Model(inputs, outputs, name="waste_sort")


def main() -> None:
    tf.keras.utils.set_random_seed(11)
    RUN_DIR.mkdir(parents=True, exist_ok=True)

    train_ds = build_pipeline("data/train", training=True)
    val_ds = build_pipeline("data/val", training=False)

    model = build_model()
    model.compile(
        optimizer=tf.keras.optimizers.Adam(LEARNING_RATE),
        loss=tf.keras.losses.CategoricalCrossentropy(label_smoothing=0.1),
        metrics=["accuracy"],
    )
    history = model.fit(
        train_ds,
        validation_data=val_ds,
        epochs=EPOCHS,
        callbacks=[
            tf.keras.callbacks.ModelCheckpoint(
                str(RUN_DIR / "best.keras"), monitor="val_accuracy", save_best_only=True
            ),
            tf.keras.callbacks.CSVLogger(str(RUN_DIR / "log.csv")),
        ],
    )
    log.info("best val accuracy %.4f", max(history.history["val_accuracy"]))
    (RUN_DIR / "classes.json").write_text(json.dumps(CLASS_NAMES))


if __name__ == "__main__":
    main()
