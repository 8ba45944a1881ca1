"""Fashion-MNIST with an overridden train_step (TensorFlow 2.11+)."""
import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers


class GarmentNet(keras.Model):
    def __init__(self, num_classes=10, **kwargs):
        super().__init__(**kwargs)
        self.features = keras.Sequential(
            [
                layers.Conv2D(32, 3, padding="same", activation="relu"),
                layers.Conv2D(32, 3, padding="same", activation="relu"),
                layers.MaxPooling2D(),
                layers.Conv2D(64, 3, padding="same", activation="relu"),
                layers.Conv2D(64, 3, padding="same", activation="relu"),
                layers.MaxPooling2D(),
            ]
        )
        self.flatten = layers.Flatten()
        self.hidden = layers.Dense(128, activation="relu")
        self.dropout = layers.Dropout(0.4)
        self.classifier = layers.Dense(num_classes)
        self.loss_tracker = keras.metrics.Mean(name="loss")
        self.acc_tracker = keras.metrics.SparseCategoricalAccuracy(name="accuracy")

    def call(self, inputs, training=False):
        x = self.features(inputs, training=training)
        x = self.hidden(self.flatten(x))
        x = self.dropout(x, training=training)
        return self.classifier(x)

    def compile(self, optimizer, loss_fn):
        super().compile(optimizer=optimizer)
        self.loss_fn = loss_fn

    @property
    def metrics(self):
        return [self.loss_tracker, self.acc_tracker]

    def _track(self, y, logits, loss):
        self.loss_tracker.update_state(loss, sample_weight=tf.shape(y)[0])
        self.acc_tracker.update_state(y, logits)
        return {m.name: m.result() for m in self.metrics}

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            logits = self(x, training=True)
            loss = self.loss_fn(y, logits)
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
        return self._track(y, logits, loss)

    def test_step(self, data):
        x, y = data
        logits = self(x, training=False)
        return self._track(y, logits, self.loss_fn(y, logits))


def to_dataset(x, y, batch_size, shuffle=False):
    ds = tf.data.Dataset.from_tensor_slices((x, y))
    if shuffle:
        ds = ds.shuffle(len(x), reshuffle_each_iteration=True)
    return ds.batch(batch_size).prefetch(tf.data.AUTOTUNE)


def main(batch_size=256, epochs=40):
    tf.keras.utils.set_random_seed(3)

    (x, y), (x_test, y_test) = keras.datasets.fashion_mnist.load_data()
    x = x[..., None].astype("float32") / 255.0
    x_test = x_test[..., None].astype("float32") / 255.0
    order = np.random.permutation(len(x))
    held_out, rest = order[:6000], order[6000:]

    train_ds = to_dataset(x[rest], y[rest], batch_size, shuffle=True)
    val_ds = to_dataset(x[held_out], y[held_out], batch_size)
    test_ds = to_dataset(x_test, y_test, batch_size)

    model = GarmentNet()
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=1e-3),
        loss_fn=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    model.fit(
        train_ds,
        validation_data=val_ds,
        epochs=epochs,
        callbacks=[
            keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.5, patience=3),
            keras.callbacks.EarlyStopping(
                monitor="val_loss", patience=8, restore_best_weights=True
            ),
        ],
    )
    print(model.evaluate(test_ds, return_dict=True))


if __name__ == "__main__":
    main()
