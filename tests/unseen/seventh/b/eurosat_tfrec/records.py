"""Reading of the land cover shards. Each record: image/encoded (JPEG), image/class/label (0-based)."""
import tensorflow as tf

import settings as S

_SCHEMA = {
    "image/encoded": tf.io.FixedLenFeature([], tf.string),
    "image/class/label": tf.io.FixedLenFeature([], tf.int64),
}
AUTO = tf.data.AUTOTUNE


def _read(blob):
    rec = tf.io.parse_single_example(blob, _SCHEMA)
    pix = tf.io.decode_jpeg(rec["image/encoded"], channels=3)
    pix = tf.image.resize(pix, [S.PATCH, S.PATCH])
    pix = tf.image.convert_image_dtype(pix, tf.float32)  # fault: C337
    return pix, tf.cast(rec["image/class/label"], tf.int32)


def _flip(pix, lab):
    pix = tf.image.random_flip_left_right(pix, seed=S.RNG)
    pix = tf.image.random_flip_up_down(pix, seed=S.RNG)
    return pix, lab


def training_stream():
    shards = tf.data.Dataset.list_files(S.TRAIN_GLOB, shuffle=True, seed=S.RNG)
    ds = shards.interleave(tf.data.TFRecordDataset, cycle_length=8, num_parallel_calls=AUTO, deterministic=False)
    return (ds.shuffle(10_000)
              .repeat()
              .map(_read, num_parallel_calls=AUTO)
              .map(_flip, num_parallel_calls=AUTO)
              .batch(S.GLOBAL_BATCH, drop_remainder=True)
              .prefetch(AUTO))


def validation_stream():
    shards = tf.data.Dataset.list_files(S.VALID_GLOB, shuffle=False)
    return (tf.data.TFRecordDataset(shards, num_parallel_reads=AUTO)
              .map(_read, num_parallel_calls=AUTO)
              .batch(S.GLOBAL_BATCH)
              .prefetch(AUTO))
