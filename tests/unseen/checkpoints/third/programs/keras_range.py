import os
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import pathlib

import keras
import tensorflow as tf

CASE = pathlib.Path(__file__).parent
VAL = pathlib.Path("data/outdoors/val")
CLASSES = tf.constant(sorted(d.name for d in VAL.iterdir() if d.is_dir()))


def read(path):
    raw = tf.io.read_file(path)
    image = tf.io.decode_png(raw, channels=3)
    image = @@A@@
    image = tf.ensure_shape(image, (32, 32, 3))
    folder = tf.strings.split(path, os.sep)[-2]
    return image, tf.argmax(tf.cast(CLASSES == folder, tf.int32))


def pipeline(batch=60):
    files = tf.data.Dataset.list_files(str(VAL / "*" / "*.png"), shuffle=False)
    return files.map(read, num_parallel_calls=2).batch(batch).prefetch(1)


if __name__ == "__main__":
    model = keras.saving.load_model(CASE / "harbour.keras", compile=False)
    top1 = keras.metrics.SparseCategoricalAccuracy(name="top1")
    top2 = keras.metrics.SparseTopKCategoricalAccuracy(k=2, name="top2")
    for x, y in pipeline():
        z = model(x, training=False)
        top1.update_state(y, z)
        top2.update_state(y, z)
    print("accuracy: %.2f%%   (top-2: %.2f%%)" % (100 * float(top1.result()), 100 * float(top2.result())))
