import tensorflow as tf
from tensorflow.keras import layers
from tensorflow.keras.applications import vgg16


def weave_model(size, classes, dropout):
    conv = vgg16.VGG16(weights="imagenet", include_top=False, input_shape=(size, size, 3))
    conv.trainable = False

    pixels = tf.keras.Input((size, size, 3))
    x = layers.RandomFlip("horizontal_and_vertical")(pixels)
    x = vgg16.preprocess_input(x)
    x = conv(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dense(256, activation="relu")(x)
    x = layers.Dropout(dropout)(x)
    probs = layers.Dense(classes, activation="softmax")(x)
    return tf.keras.Model(pixels, probs)
