import tensorflow as tf
from tensorflow.keras.layers import (BatchNormalization, Conv2D, Dense, Dropout,
                                     GlobalAveragePooling2D, MaxPool2D, SeparableConv2D)


class FungiNet(tf.keras.Model):
    def __init__(self, species):
        super().__init__()
        self.first = Conv2D(32, 3, strides=2, padding="same", activation="relu")
        self.convs, self.norms, self.pools = [], [], []
        for width in (64, 128, 256, 384):
            self.convs.append(SeparableConv2D(width, 3, padding="same", use_bias=False))
            self.norms.append(BatchNormalization(momentum=0.9))
            self.pools.append(MaxPool2D())
        self.gap = GlobalAveragePooling2D()
        self.drop = Dropout(0.3)
        self.head = Dense(species)

    def call(self, x, training=None):
        x = self.first(x)
        for conv, norm, pool in zip(self.convs, self.norms, self.pools):
            x = pool(tf.nn.relu(norm(conv(x), training=training)))
        x = self.drop(self.gap(x), training=training)
        return self.head(x)
