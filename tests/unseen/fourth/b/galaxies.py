"""Galaxy morphology from TFRecord shards.

Every record holds 'png' (bytes, 128x128 rgb) and 'shape' (int64, 0..5).
The shards were filled in random order by the export job.
"""
import os

import tensorflow as tf
from tensorflow.keras import layers, regularizers

BUCKET = os.environ.get("GALAXIES", "/scratch/galaxies")
SIDE = 128
SHAPES = 6
BATCH = 96
EPOCHS = 30
AUTO = tf.data.AUTOTUNE

FORMAT = {
    "png": tf.io.FixedLenFeature([], tf.string),
    "shape": tf.io.FixedLenFeature([], tf.int64),
}


def parse(serialized):
    record = tf.io.parse_single_example(serialized, FORMAT)
    sky = tf.io.decode_png(record["png"], channels=3)
    sky = tf.reshape(sky, (SIDE, SIDE, 3))
    sky = tf.cast(sky, tf.float32) / 255.0
    return sky, tf.cast(record["shape"], tf.int32)


def turn(sky, shape):
    # a galaxy has no upper side
    sky = tf.image.random_flip_left_right(sky)
    sky = tf.image.random_flip_up_down(sky)
    return sky, shape


def records(part):
    shards = tf.io.gfile.glob(os.path.join(BUCKET, part + "-*.tfrecord"))
    ds = tf.data.Dataset.from_tensor_slices(sorted(shards))
    if part == "train":
        ds = ds.shuffle(len(shards))
        ds = ds.interleave(tf.data.TFRecordDataset, cycle_length=8, num_parallel_calls=AUTO)
        ds = ds.shuffle(8192).map(parse, AUTO).map(turn, AUTO)
    else:
        ds = ds.interleave(tf.data.TFRecordDataset, cycle_length=4, num_parallel_calls=AUTO)
        ds = ds.map(parse, AUTO)
    return ds.batch(BATCH).prefetch(AUTO)


def network():
    decay = regularizers.l2(1e-5)
    sky = tf.keras.Input((SIDE, SIDE, 3), name="sky")
    x = layers.Rescaling(1.0 / 255)(sky)  # fault: N202
    for width in (32, 64, 96, 128):
        x = layers.Conv2D(width, 3, padding="same", activation="relu", kernel_regularizer=decay)(x)
        x = layers.Conv2D(width, 3, padding="same", activation="relu", kernel_regularizer=decay)(x)
        x = layers.MaxPooling2D()(x)
    x = layers.Flatten()(x)
    x = layers.Dense(192, activation="relu", kernel_regularizer=decay)(x)
    x = layers.Dropout(0.5)(x)
    return tf.keras.Model(sky, layers.Dense(SHAPES)(x))


if __name__ == "__main__":
    tf.random.set_seed(2718)
    net = network()
    net.compile(
        optimizer=tf.keras.optimizers.Adam(learning_rate=5e-4),
        loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["sparse_categorical_accuracy"],
    )
    net.fit(
        records("train"),
        validation_data=records("val"),
        epochs=EPOCHS,
        callbacks=[
            tf.keras.callbacks.TerminateOnNaN(),
            tf.keras.callbacks.ModelCheckpoint("galaxies-{epoch:02d}.h5", save_weights_only=True),
        ],
    )
