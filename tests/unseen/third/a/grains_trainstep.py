"""Grain kernels, 7 varieties. TF 2.12, model with its own train_step (mixes in an
auxiliary loss on the features)."""
import argparse

import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers


class GrainNet(keras.Model):
    def __init__(self, n_classes, widths=(32, 64, 128, 256), centre_weight=0.01, **kw):
        super().__init__(**kw)
        self.rescale = layers.Rescaling(1.0 / 255)
        self.augment = keras.Sequential([
            layers.RandomFlip("horizontal_and_vertical"),
            layers.RandomRotation(0.5),
        ])
        self.convs = [layers.Conv2D(w, 3, padding="same", use_bias=False) for w in widths]
        self.norms = [layers.BatchNormalization() for _ in widths]
        self.pools = [layers.MaxPooling2D() for _ in widths]
        self.gap = layers.GlobalAveragePooling2D()
        self.drop = layers.Dropout(0.3)
        self.out = layers.Dense(n_classes)

        self.n_classes = n_classes
        self.centre_weight = centre_weight
        self.loss_tracker = keras.metrics.Mean(name="loss")
        self.acc_tracker = keras.metrics.SparseCategoricalAccuracy(name="acc")

    @property
    def metrics(self):
        return [self.loss_tracker, self.acc_tracker]

    def features(self, x, training=False):
        x = self.rescale(x)
        if training:
            x = self.augment(x, training=True)
        for conv, norm, pool in zip(self.convs, self.norms, self.pools):
            x = norm(conv(x), training=True)  # fault: C334
            x = pool(tf.nn.relu(x))
        return self.gap(x)

    def call(self, x, training=False):
        return self.out(self.drop(self.features(x, training=training), training=training))

    def compactness(self, feats, y):
        # distance of each sample to the mean of its class within the batch
        onehot = tf.one_hot(y, self.n_classes)
        count = tf.maximum(tf.reduce_sum(onehot, axis=0), 1.0)
        centres = tf.matmul(onehot, feats, transpose_a=True) / count[:, None]
        return tf.reduce_mean(tf.reduce_sum(tf.square(feats - tf.gather(centres, y)), axis=1))

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            feats = self.features(x, training=True)
            logits = self.out(self.drop(feats, training=True))
            loss = self.compiled_loss(y, logits) + self.centre_weight * self.compactness(feats, y)
        grads = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(grads, self.trainable_variables))
        self.loss_tracker.update_state(loss)
        self.acc_tracker.update_state(y, logits)
        return {m.name: m.result() for m in self.metrics}

    def test_step(self, data):
        x, y = data
        logits = self(x, training=False)
        self.loss_tracker.update_state(self.compiled_loss(y, logits))
        self.acc_tracker.update_state(y, logits)
        return {m.name: m.result() for m in self.metrics}


def datasets(root, size, batch):
    common = dict(image_size=(size, size), batch_size=batch, label_mode="int")
    train = keras.utils.image_dataset_from_directory(f"{root}/train", shuffle=True, seed=21, **common)
    val = keras.utils.image_dataset_from_directory(f"{root}/val", shuffle=False, **common)
    assert train.class_names == val.class_names
    return train.prefetch(tf.data.AUTOTUNE), val.prefetch(tf.data.AUTOTUNE)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("root")
    ap.add_argument("--size", type=int, default=128)
    ap.add_argument("--batch", type=int, default=32)
    ap.add_argument("--epochs", type=int, default=40)
    a = ap.parse_args()

    keras.utils.set_random_seed(21)
    train, val = datasets(a.root, a.size, a.batch)
    model = GrainNet(7)
    model.compile(
        optimizer=keras.optimizers.Adam(1e-3),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    model.fit(
        train,
        validation_data=val,
        epochs=a.epochs,
        callbacks=[
            keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.5, patience=4),
            keras.callbacks.ModelCheckpoint("grains.weights.h5", monitor="val_acc", mode="max",
                                            save_best_only=True, save_weights_only=True),
        ],
    )


if __name__ == "__main__":
    main()
