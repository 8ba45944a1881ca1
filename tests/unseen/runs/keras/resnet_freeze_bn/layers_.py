import keras
from keras import layers


class FreezableBN(layers.BatchNormalization):
    """training=False whenever frozen, otherwise whatever the caller says"""

    def __init__(self, frozen=False, **kw):
        super().__init__(**kw)
        self.frozen = frozen
        if frozen:
            self.trainable = False

    def call(self, inputs, training=None, mask=None):
        if self.frozen:
            training = False
        return super().call(inputs, training=training, mask=mask)


def basic_block(x, filters, stride, name):
    short = x
    y = layers.Conv2D(filters, 3, stride, "same", use_bias=False, name=name + "_c1")(x)
    y = FreezableBN(name=name + "_b1")(y)
    y = layers.ReLU()(y)
    y = layers.Conv2D(filters, 3, 1, "same", use_bias=False, name=name + "_c2")(y)
    y = FreezableBN(name=name + "_b2", gamma_initializer="zeros")(y)
    if stride != 1 or x.shape[-1] != filters:
        short = layers.Conv2D(filters, 1, stride, "same", use_bias=False, name=name + "_cs")(x)
        short = FreezableBN(name=name + "_bs")(short)
    return layers.ReLU()(layers.Add()([short, y]))


def resnet18(inputs, n_classes):
    x = layers.Conv2D(64, 5, 2, "same", use_bias=False)(inputs)
    x = layers.ReLU()(FreezableBN()(x))
    x = layers.MaxPooling2D(3, 2, "same")(x)
    for s, f in enumerate((64, 128, 256, 512)):
        for b in range(2):
            x = basic_block(x, f, 2 if s and not b else 1, f"s{s}b{b}")
    x = layers.GlobalAveragePooling2D()(x)
    return layers.Dense(n_classes, activation="softmax", kernel_regularizer=keras.regularizers.l2(1e-4))(x)
