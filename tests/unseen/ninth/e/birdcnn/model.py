from tensorflow import keras
from tensorflow.keras import layers, regularizers

L2 = regularizers.l2(1e-4)


def conv(x, f, k=3, s=1):
    x = layers.Conv2D(f, k, strides=s, padding="same", use_bias=False,
                      kernel_initializer="he_normal", kernel_regularizer=L2)(x)
    return layers.BatchNormalization(momentum=0.9)(x)


def residual(x, f, s=1):
    h = layers.ReLU()(conv(x, f, s=s))
    h = conv(h, f)
    if s != 1 or x.shape[-1] != f:
        x = conv(x, f, k=1, s=s)
    return layers.ReLU()(layers.Add()([h, x]))


def resnet_small(size, n_classes, width=48):
    inp = keras.Input((size, size, 3), name="image")
    x = layers.Rescaling(1.0 / 255)(inp)  # fault: N202
    x = layers.ReLU()(conv(x, width, s=2))
    for stage, blocks in enumerate((2, 2, 2)):
        for b in range(blocks):
            x = residual(x, width * 2 ** stage, s=2 if (stage > 0 and b == 0) else 1)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.2)(x)
    out = layers.Dense(n_classes, kernel_regularizer=L2, name="logits")(x)
    return keras.Model(inp, out, name="resnet_small")
