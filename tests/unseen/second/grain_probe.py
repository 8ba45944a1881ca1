# Sound.
"""Linear probe of a self-supervised encoder on wheat-grain photographs.

The encoder was trained earlier (see pretext/), its weights lie in
runs/pretext/encoder.weights.h5. It stays frozen here; only the linear
classifier learns. No Rescaling in the input pipeline: the encoder has one.
"""
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

SIDE, BATCH, EPOCHS, KINDS = 96, 64, 40, 8


class ConvBN(layers.Layer):
    def __init__(self, ch, stride):
        super().__init__()
        self.conv = layers.Conv2D(ch, 3, strides=stride, padding="same", use_bias=False)
        self.bn = layers.BatchNormalization()

    def call(self, v, training=False):
        return tf.nn.relu(self.bn(self.conv(v), training=training))


class Encoder(keras.Model):
    def __init__(self):
        super().__init__()
        self.to_unit = layers.Rescaling(1.0 / 127.5, offset=-1.0)
        self.blocks = [ConvBN(c, s) for c, s in ((32, 1), (64, 2), (128, 2), (256, 2))]
        self.gap = layers.GlobalAveragePooling2D()

    def call(self, v, training=False):
        v = self.to_unit(v)
        for b in self.blocks:
            v = b(v, training=training)
        return self.gap(v)


class Probe(keras.Model):
    def __init__(self, encoder, kinds):
        super().__init__()
        self.mirror = layers.RandomFlip("horizontal_and_vertical")
        self.encoder = encoder
        self.linear = layers.Dense(kinds, kernel_regularizer=keras.regularizers.L2(1e-5))

    def call(self, v, training=False):
        v = self.mirror(v, training=training)
        return self.linear(self.encoder(v, training=False))


def ready_encoder():
    enc = Encoder()
    enc(tf.zeros((1, SIDE, SIDE, 3)))            # creates the variables
    enc.load_weights("runs/pretext/encoder.weights.h5")
    enc.trainable = False
    return enc


class Report(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        logs = logs or {}
        if epoch % 5 == 4:
            print(f"  [{epoch + 1:3d}] val {logs.get('val_accuracy', 0):.3f}")


def folder(part, training):
    return keras.utils.image_dataset_from_directory(
        f"grains/{part}", image_size=(SIDE, SIDE), batch_size=BATCH,
        label_mode="int", shuffle=training, seed=0,
    ).prefetch(2)


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    probe = Probe(ready_encoder(), KINDS)
    probe.compile(
        optimizer=keras.optimizers.SGD(learning_rate=0.03, momentum=0.9),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    probe.fit(
        folder("train", True),
        validation_data=folder("val", False),
        epochs=EPOCHS,
        callbacks=[Report(), keras.callbacks.TerminateOnNaN()],
        verbose=0,
    )
    print(probe.evaluate(folder("test", False), return_dict=True))
