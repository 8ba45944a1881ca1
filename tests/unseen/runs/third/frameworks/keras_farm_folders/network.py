import keras
from keras import layers


def residual(x, width, stride):
    skip = x
    y = layers.Conv2D(width, 3, strides=stride, padding="same", use_bias=False)(x)
    y = layers.BatchNormalization()(y)
    y = layers.Activation("swish")(y)
    y = layers.Conv2D(width, 3, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization()(y)
    if stride != 1 or skip.shape[-1] != width:
        skip = layers.Conv2D(width, 1, strides=stride, use_bias=False)(skip)
        skip = layers.BatchNormalization()(skip)
    return layers.Activation("swish")(layers.Add()([y, skip]))


def augmentation():
    return keras.Sequential(
        [
            layers.RandomFlip("horizontal"),
            layers.RandomTranslation(0.08, 0.08, fill_mode="reflect"),
            layers.RandomContrast(0.15),
        ],
        name="augmentation",
    )


def build(size, num_classes, widths, dropout):
    inputs = keras.Input((size, size, 3))
    x = augmentation()(inputs)
    x = layers.Rescaling(1.0 / 127.5, offset=-1.0)(x)
    x = layers.Conv2D(widths[0], 3, strides=2, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    x = layers.Activation("swish")(x)
    for i, w in enumerate(widths):
        x = residual(x, w, 1 if i == 0 else 2)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(dropout)(x)
    return keras.Model(inputs, layers.Dense(num_classes)(x), name="farm_net")
