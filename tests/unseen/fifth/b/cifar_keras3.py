"""ResNet-20 on CIFAR-10 with Keras 3 (JAX backend)."""
import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from keras import layers

SEED = 1337
BATCH_SIZE = 128
EPOCHS = 120
BASE_LR = 0.1
L2 = 1e-4
MEAN = np.array([0.4914, 0.4822, 0.4465], dtype="float32")
STD = np.array([0.2470, 0.2435, 0.2616], dtype="float32")


def normalise(x):
    return (x.astype("float32") / 255.0 - MEAN) / STD


def conv_bn(x, filters, stride=1, relu=True):
    x = layers.Conv2D(
        filters,
        3,
        strides=stride,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        kernel_regularizer=keras.regularizers.L2(L2),
    )(x)
    x = layers.BatchNormalization(momentum=0.9, epsilon=1e-5)(x)
    return layers.ReLU()(x) if relu else x


def residual(x, filters, stride):
    y = conv_bn(x, filters, stride)
    y = conv_bn(y, filters, relu=False)
    if stride != 1 or x.shape[-1] != filters:
        x = layers.Conv2D(
            filters,
            1,
            strides=stride,
            use_bias=False,
            kernel_initializer="he_normal",
            kernel_regularizer=keras.regularizers.L2(L2),
        )(x)
        x = layers.BatchNormalization(momentum=0.9, epsilon=1e-5)(x)
    return layers.ReLU()(layers.Add()([x, y]))


def build_resnet20():
    inputs = keras.Input((32, 32, 3))
    x = layers.RandomTranslation(0.125, 0.125, fill_mode="constant")(inputs)
    x = layers.RandomFlip("horizontal")(x)
    x = conv_bn(x, 16)
    for stage, filters in enumerate((16, 32, 64)):
        for block in range(3):
            stride = 2 if stage > 0 and block == 0 else 1
            x = residual(x, filters, stride)
    x = layers.GlobalAveragePooling2D()(x)
    outputs = layers.Dense(10, kernel_regularizer=keras.regularizers.L2(L2))(x)
    return keras.Model(inputs, outputs, name="resnet20")


def main():
    keras.utils.set_random_seed(SEED)

    (x, y), (x_test, y_test) = keras.datasets.cifar10.load_data()
    order = np.random.default_rng(SEED).permutation(len(x))
    x, y = normalise(x[order]), y[order].reshape(-1)
    x_train, y_train = x[:45000], y[:45000]
    x_val, y_val = x[45000:], y[45000:]
    x_test, y_test = normalise(x_test), y_test.reshape(-1)

    steps = int(np.ceil(len(x_train) / BATCH_SIZE)) * EPOCHS
    model = build_resnet20()
    model.compile(
        optimizer=keras.optimizers.SGD(
            learning_rate=keras.optimizers.schedules.CosineDecay(BASE_LR, decay_steps=steps),
            momentum=0.9,
            nesterov=True,
        ),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[keras.metrics.SparseCategoricalAccuracy(name="acc")],
    )
    model.fit(
        x_train,
        y_train,
        batch_size=BATCH_SIZE,
        epochs=EPOCHS,
        validation_data=(x_val, y_val),
        callbacks=[
            keras.callbacks.ModelCheckpoint(
                "resnet20.keras", monitor="val_acc", mode="max", save_best_only=True
            )
        ],
        verbose=2,
    )
    best = keras.models.load_model("resnet20.keras")
    loss, acc = best.evaluate(x_test, y_test, batch_size=500, verbose=0)
    print(f"test loss {loss:.4f}, accuracy {acc:.4f}")


if __name__ == "__main__":
    main()
