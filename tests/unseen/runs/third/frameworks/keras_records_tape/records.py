import tensorflow as tf

SPEC = {
    "image/encoded": tf.io.FixedLenFeature([], tf.string),
    "image/label": tf.io.FixedLenFeature([], tf.int64),
}


def parse(example):
    f = tf.io.parse_single_example(example, SPEC)
    image = tf.io.decode_png(f["image/encoded"], channels=3)
    image = tf.ensure_shape(image, (32, 32, 3))
    return tf.image.convert_image_dtype(image, tf.float32), tf.cast(f["image/label"], tf.int32)


def augment(image, label):
    image = tf.image.random_flip_left_right(image)
    image = tf.pad(image, [[3, 3], [3, 3], [0, 0]], mode="REFLECT")
    image = tf.image.random_crop(image, (32, 32, 3))
    image = tf.image.random_brightness(image, 0.1)
    return tf.clip_by_value(image, 0.0, 1.0), label


def load(pattern, batch_size, training):
    files = tf.data.Dataset.list_files(pattern, shuffle=training)
    if training:
        ds = files.interleave(tf.data.TFRecordDataset, cycle_length=4)
        ds = ds.map(parse, tf.data.AUTOTUNE).cache().shuffle(2000)
        ds = ds.map(augment, tf.data.AUTOTUNE).batch(batch_size, drop_remainder=True)
    else:
        ds = files.flat_map(tf.data.TFRecordDataset).map(parse, tf.data.AUTOTUNE).batch(batch_size).cache()
    return ds.prefetch(2)
