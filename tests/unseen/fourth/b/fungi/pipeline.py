import tensorflow as tf

SPECIES = 18


def make(listing, side, batch, training):
    """listing: lines of 'path<TAB>number of the species'"""
    with open(listing) as f:
        pairs = [line.rstrip("\n").split("\t") for line in f if line.strip()]
    paths = [p for p, _ in pairs]
    kinds = [int(k) for _, k in pairs]

    def load(path, kind):
        x = tf.io.decode_jpeg(tf.io.read_file(path), channels=3)
        x = tf.image.resize(x, (side, side)) / 127.5 - 1.0
        return x, tf.one_hot(kind, SPECIES)

    def disturb(x, y):
        x = tf.image.random_flip_left_right(x)
        return x, y

    ds = tf.data.Dataset.from_tensor_slices((paths, kinds))
    if training:
        ds = ds.shuffle(len(paths))
    ds = ds.map(load, tf.data.AUTOTUNE)
    if training:
        ds = ds.map(disturb, tf.data.AUTOTUNE)
    steps = (len(paths) + batch - 1) // batch
    return ds.batch(batch).prefetch(tf.data.AUTOTUNE), steps
