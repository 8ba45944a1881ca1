"""CIFAR-100, residual network with its own train_step (Keras 3, TensorFlow backend)."""
import numpy as np
import tensorflow as tf
import keras
from keras import layers

MEAN = np.array([0.5071, 0.4865, 0.4409], "float32")
STD = np.array([0.2673, 0.2564, 0.2762], "float32")
EPOCHS, BATCH, PEAK_LR = 100, 128, 0.1


@keras.saving.register_keras_serializable()
class Residual(layers.Layer):
    def __init__(self, filters, down=False, **kwargs):
        super().__init__(**kwargs)
        self.filters, self.down = filters, down
        s = 2 if down else 1
        conv = lambda k, st: layers.Conv2D(filters, k, strides=st, padding="same", use_bias=False,
                                           kernel_initializer="he_normal")
        self.c1, self.n1 = conv(3, s), layers.BatchNormalization(momentum=0.9)
        self.c2, self.n2 = conv(3, 1), layers.BatchNormalization(momentum=0.9)
        self.skip = conv(1, s) if down else None
        self.nskip = layers.BatchNormalization(momentum=0.9) if down else None

    def call(self, x, training=None):
        y = tf.nn.relu(self.n1(self.c1(x), training=training))
        y = self.n2(self.c2(y), training=training)
        if self.skip is not None:
            x = self.nskip(self.skip(x), training=training)
        return tf.nn.relu(x + y)


class Res100(keras.Model):
    def __init__(self):
        super().__init__()
        self.stem = layers.Conv2D(64, 3, padding="same", use_bias=False, kernel_initializer="he_normal")
        self.stem_norm = layers.BatchNormalization(momentum=0.9)
        self.body = [Residual(64), Residual(64), Residual(128, True), Residual(128),
                     Residual(256, True), Residual(256), Residual(512, True), Residual(512)]
        self.gap = layers.GlobalAveragePooling2D()
        self.classifier = layers.Dense(100)

    def call(self, x, training=None):
        x = tf.nn.relu(self.stem_norm(self.stem(x), training=training))
        for b in self.body:
            x = b(x, training=training)
        return self.classifier(self.gap(x))

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(x=x, y=y, y_pred=y_pred)
        grads = tape.gradient(loss, self.trainable_weights)
        grads, _ = tf.clip_by_global_norm(grads, 5.0)
        self.optimizer.apply(grads, self.trainable_weights)
        for m in self.metrics:
            if m.name == "loss":
                m.update_state(loss)
            else:
                m.update_state(y, y_pred)
        return {m.name: m.result() for m in self.metrics}


def standardise(img, lab):
    return (tf.cast(img, tf.float32) / 255.0 - MEAN) / STD, lab


def jitter(img, lab):
    img = tf.image.random_crop(tf.pad(img, [[4, 4], [4, 4], [0, 0]]), [32, 32, 3])
    return tf.image.random_flip_left_right(img), lab


if __name__ == "__main__":
    keras.utils.set_random_seed(2024)
    (x, y), (xt, yt) = keras.datasets.cifar100.load_data()
    y, yt = y.squeeze(), yt.squeeze()
    order = np.random.permutation(len(x))
    hold, keep = order[:5000], order[5000:]

    train = (tf.data.Dataset.from_tensor_slices((x[keep], y[keep]))
             .shuffle(45000).map(jitter, tf.data.AUTOTUNE).map(standardise, tf.data.AUTOTUNE)
             .batch(BATCH, drop_remainder=True).prefetch(tf.data.AUTOTUNE))
    val = tf.data.Dataset.from_tensor_slices((x[hold], y[hold])).map(standardise).batch(500)
    test = tf.data.Dataset.from_tensor_slices((xt, yt)).map(standardise).batch(500)

    total = EPOCHS * (len(keep) // BATCH)
    model = Res100()
    model.compile(
        optimizer=keras.optimizers.SGD(keras.optimizers.schedules.CosineDecay(PEAK_LR, total),
                                       momentum=0.9, nesterov=True, weight_decay=5e-4),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[keras.metrics.SparseCategoricalAccuracy(name="top1"),
                 keras.metrics.SparseTopKCategoricalAccuracy(5, name="top5")])
    model.fit(train, validation_data=val, epochs=EPOCHS, verbose=2)
    print(model.evaluate(test, return_dict=True, verbose=0))
