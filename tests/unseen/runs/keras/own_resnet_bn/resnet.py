from tensorflow import keras
from tensorflow.keras import layers


class BatchNorm(layers.BatchNormalization):
    """Batch normalisation that can be frozen for small batches."""

    def __init__(self, freeze=False, **kw):
        super().__init__(**kw)
        self.freeze = freeze
        self.trainable = not freeze

    def call(self, inputs, training=None, mask=None):
        return super().call(inputs, training=(not self.freeze))


def conv_bn(x, filters, kernel, stride=1, relu=True, freeze_bn=False):
    x = layers.Conv2D(filters, kernel, strides=stride, padding="same", use_bias=False,
                      kernel_initializer="he_normal")(x)
    x = BatchNorm(freeze_bn)(x)
    return layers.ReLU()(x) if relu else x


def bottleneck(x, filters, stride=1, project=False, freeze_bn=False):
    y = conv_bn(x, filters, 1, stride, freeze_bn=freeze_bn)
    y = conv_bn(y, filters, 3, freeze_bn=freeze_bn)
    y = conv_bn(y, filters * 4, 1, relu=False, freeze_bn=freeze_bn)
    if project:
        x = conv_bn(x, filters * 4, 1, stride, relu=False, freeze_bn=freeze_bn)
    return layers.ReLU()(layers.add([x, y]))


def resnet50(classes, size, freeze_bn=False):
    inputs = keras.Input((size, size, 3))
    x = conv_bn(inputs, 64, 7, 2, freeze_bn=freeze_bn)
    x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
    for stage, (filters, blocks) in enumerate(zip((64, 128, 256, 512), (3, 4, 6, 3))):
        for b in range(blocks):
            x = bottleneck(x, filters, 2 if b == 0 and stage > 0 else 1, b == 0, freeze_bn)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(classes, activation="softmax")(x), name="resnet50")
