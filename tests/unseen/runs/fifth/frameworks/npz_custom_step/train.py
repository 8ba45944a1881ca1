"""Subclassed model with its own train_step (SAM-free version kept for the ablation)."""
import keras
import numpy as np
import tensorflow as tf
from keras import layers

CFG = dict(data="cifar_small.npz", batch=50, epochs=60, lr=0.05, wd=5e-4, clip=5.0)


def backbone():
    inp = keras.Input((32, 32, 3))
    x = layers.Rescaling(1 / 127.5, offset=-1)(inp)
    for i, f in enumerate((32, 64, 128)):
        for j in range(2):
            x = layers.Conv2D(f, 3, padding="same", use_bias=False, kernel_initializer="he_normal")(x)
            x = layers.BatchNormalization(momentum=0.9)(x)
            x = layers.Activation("relu")(x)
        x = layers.MaxPooling2D()(x)
        x = layers.Dropout(0.1 + 0.1 * i)(x)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inp, x, name="backbone")


class Classifier(keras.Model):
    def __init__(self, classes, wd, clip):
        super().__init__()
        self.net = backbone()
        self.head = layers.Dense(classes)
        self.wd, self.clip = wd, clip
        self.loss_tracker = keras.metrics.Mean(name="loss")
        self.acc = keras.metrics.SparseCategoricalAccuracy(name="acc")
        self.ce = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    def call(self, x, training=False):
        return self.head(self.net(x, training=training))

    @property
    def metrics(self):
        return [self.loss_tracker, self.acc]

    def train_step(self, data):
        x, y = data
        x = tf.image.random_flip_left_right(x)
        with tf.GradientTape() as tape:
            logits = self(x)
            loss = self.ce(y, logits)
            decay = tf.add_n([tf.nn.l2_loss(w) for w in self.trainable_variables if "kernel" in w.name])
            total = loss + self.wd * decay
        grads = tape.gradient(total, self.trainable_variables)
        grads, _ = tf.clip_by_global_norm(grads, self.clip)
        self.optimizer.apply_gradients(zip(grads, self.trainable_variables))
        self.loss_tracker.update_state(loss)
        self.acc.update_state(y, logits)
        return {m.name: m.result() for m in self.metrics}

    def test_step(self, data):
        x, y = data
        logits = self(x, training=False)
        self.loss_tracker.update_state(self.ce(y, logits), sample_weight=tf.shape(y)[0])
        self.acc.update_state(y, logits)
        return {m.name: m.result() for m in self.metrics}


def main():
    keras.utils.set_random_seed(0)
    with np.load(CFG["data"]) as z:
        x_train, y_train = z["x_train"].astype("float32"), z["y_train"]
        x_test, y_test = z["x_test"].astype("float32"), z["y_test"]

    model = Classifier(10, CFG["wd"], CFG["clip"])
    steps = len(x_train) // CFG["batch"] * CFG["epochs"]
    lr = keras.optimizers.schedules.CosineDecay(CFG["lr"], steps)
    model.compile(optimizer=keras.optimizers.SGD(lr, momentum=0.9))
    model.fit(x_train, y_train, batch_size=CFG["batch"], epochs=CFG["epochs"],
              validation_data=(x_test, y_test), validation_batch_size=100, shuffle=True, verbose=2)


if __name__ == "__main__":
    main()
