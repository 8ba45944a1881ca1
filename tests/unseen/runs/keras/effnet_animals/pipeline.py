import tensorflow as tf
from keras.applications.mobilenet_v2 import preprocess_input

AUTO = tf.data.AUTOTUNE


def list_files(folder):
    files = tf.io.gfile.glob(f"{folder}/*/*.jpg")
    files = sorted(files)
    classes = sorted({f.split("/")[-2] for f in files})
    labels = [classes.index(f.split("/")[-2]) for f in files]
    return files, labels, classes


def decode(path, label, size):
    img = tf.io.decode_jpeg(tf.io.read_file(path), channels=3)
    img = tf.image.resize(img, (size, size))
    return img, label


def flip_and_shift(img, label):
    img = tf.image.random_flip_left_right(img)
    img = tf.image.random_brightness(img, 20.0)
    img = tf.clip_by_value(img, 0.0, 255.0)
    return img, label


def dataset(folder, size, batch, training):
    files, labels, classes = list_files(folder)
    ds = tf.data.Dataset.from_tensor_slices((files, labels))
    if training:
        ds = ds.shuffle(len(files), reshuffle_each_iteration=True)
    ds = ds.map(lambda p, l: decode(p, l, size), num_parallel_calls=AUTO)
    if training:
        ds = ds.map(flip_and_shift, num_parallel_calls=AUTO)
    ds = ds.map(lambda i, l: (preprocess_input(i), l), num_parallel_calls=AUTO)
    return ds.batch(batch).prefetch(AUTO), classes
