import keras
from keras import layers


class ConvUnit(layers.Layer):
    def __init__(self, filters, pool=True, **kw):
        super().__init__(**kw)
        self.conv = layers.Conv2D(filters, 3, padding="same", use_bias=False)
        self.bn = layers.BatchNormalization()
        self.act = layers.Activation("relu")
        self.pool = layers.MaxPooling2D() if pool else None

    def call(self, x, training=None):
        x = self.act(self.bn(self.conv(x), training=training))
        return self.pool(x) if self.pool is not None else x


class SmallNet(keras.Model):
    """Four convolutional units, global pooling, class scores."""

    def __init__(self, n_classes, width=32, **kw):
        super().__init__(**kw)
        self.scale = layers.Rescaling(1.0 / 255)
        self.units = [ConvUnit(width), ConvUnit(2 * width), ConvUnit(4 * width), ConvUnit(4 * width, pool=False)]
        self.gap = layers.GlobalAveragePooling2D()
        self.drop = layers.Dropout(0.3)
        self.out = layers.Dense(n_classes, activation=keras.activations.softmax, name="scores")

    def call(self, x, training=None):
        x = self.scale(x)
        for u in self.units:
            x = u(x, training=training)
        return self.out(self.drop(self.gap(x), training=training))
