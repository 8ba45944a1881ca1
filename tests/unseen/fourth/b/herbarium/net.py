from tensorflow import keras
from tensorflow.keras import layers


class Residual(layers.Layer):
    def __init__(self, width, stride=1):
        super().__init__()
        self.c1 = layers.Conv2D(width, 3, stride, padding="same", use_bias=False)
        self.b1 = layers.BatchNormalization()
        self.c2 = layers.Conv2D(width, 3, padding="same", use_bias=False)
        self.b2 = layers.BatchNormalization()
        self.side = layers.Conv2D(width, 1, stride, use_bias=False)
        self.bs = layers.BatchNormalization()
        self.relu = layers.ReLU()

    def call(self, x, training=False):
        y = self.relu(self.b1(self.c1(x), training=training))
        y = self.b2(self.c2(y), training=training)
        return self.relu(y + self.bs(self.side(x), training=training))


class HerbNet(keras.Model):
    def __init__(self, families):
        super().__init__()
        self.stem = layers.Conv2D(32, 5, 2, padding="same", use_bias=False)
        self.stem_bn = layers.BatchNormalization()
        self.relu = layers.ReLU()
        self.stages = [Residual(64, 2), Residual(128, 2), Residual(256, 2), Residual(256, 2)]
        self.pool = layers.GlobalAveragePooling2D()
        self.drop = layers.Dropout(0.2)
        self.top = layers.Dense(families)

    def call(self, x, training=False):
        x = self.relu(self.stem_bn(self.stem(x), training=training))
        for stage in self.stages:
            x = stage(x, training=training)
        return self.top(self.drop(self.pool(x), training=training))
