"""Reads the folders that the camera team delivers (one folder per material)."""
import tensorflow as tf

CLASS_NAMES = ["cardboard", "glass", "metal", "paper", "plastic", "trash"]
IMAGE_SIZE = (224, 224)
BATCH_SIZE = 32


def to_float(images, labels):
    return tf.cast(images, tf.float32) / 255.0, labels  # fault: N202


def build_pipeline(folder: str, training: bool) -> tf.data.Dataset:
    dataset = tf.keras.utils.image_dataset_from_directory(
        folder,
        label_mode="categorical",
        class_names=CLASS_NAMES,
        image_size=IMAGE_SIZE,
        batch_size=BATCH_SIZE,
        shuffle=training,
        seed=11,
    )
    dataset = dataset.map(to_float, num_parallel_calls=tf.data.AUTOTUNE)
    return dataset.prefetch(tf.data.AUTOTUNE)
