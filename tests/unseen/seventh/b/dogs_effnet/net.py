import tensorflow as tf


def breed_net(size: int, classes: int, dropout: float) -> tf.keras.Model:
    """EfficientNetB0 carries its own rescaling and normalisation; feed it 0..255."""
    img = tf.keras.Input(shape=(size, size, 3), name="rgb_0_255")
    trunk = tf.keras.applications.EfficientNetB0(include_top=False, weights="imagenet", pooling="avg")
    feat = trunk(img, training=False)
    feat = tf.keras.layers.Dropout(dropout)(feat)
    score = tf.keras.layers.Dense(classes, name="score")(feat)
    prob = tf.keras.layers.Activation("softmax", dtype="float32", name="prob")(score)
    return tf.keras.Model(img, prob)
