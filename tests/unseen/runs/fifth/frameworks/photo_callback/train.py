"""Photo classifier; model selection by balanced accuracy, computed after every epoch."""
import argparse

import keras
import numpy as np
import tensorflow as tf
from keras import layers

ap = argparse.ArgumentParser()
ap.add_argument("--root", default="photos")
ap.add_argument("--epochs", type=int, default=45)
ap.add_argument("--batch", type=int, default=32)
ap.add_argument("--patience", type=int, default=10)
SIZE = 48


class BalancedAccuracy(keras.callbacks.Callback):
    def __init__(self, dataset, n_classes, path, patience):
        super().__init__()
        self.dataset, self.n, self.path, self.patience = dataset, n_classes, path, patience
        self.best, self.wait = -1.0, 0

    def on_epoch_end(self, epoch, logs=None):
        probs = self.model.predict(self.dataset, verbose=0)
        y_pred = probs.argmax(axis=1)
        y_true = np.concatenate([y.numpy() for _, y in self.dataset])
        matrix = np.zeros((self.n, self.n), dtype=int)
        np.add.at(matrix, (y_true, y_pred), 1)
        recall = np.diag(matrix) / np.maximum(matrix.sum(axis=1), 1)
        score = float(recall.mean())
        print(f" - balanced_acc: {score:.4f} (worst class {recall.min():.3f})")
        if score > self.best:
            self.best, self.wait = score, 0
            self.model.save_weights(self.path)
        else:
            self.wait += 1
            if self.wait >= self.patience:
                self.model.stop_training = True


def separable_net(n):
    inp = keras.Input((SIZE, SIZE, 3))
    x = layers.Rescaling(1.0 / 255)(inp)
    x = layers.RandomFlip("horizontal")(x)
    x = layers.RandomRotation(0.04)(x)
    x = layers.Conv2D(32, 3, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization(momentum=0.9)(x)
    x = layers.Activation("relu")(x)
    for f in (64, 128, 256):
        skip = layers.Conv2D(f, 1, strides=2, padding="same")(x)
        x = layers.SeparableConv2D(f, 3, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization(momentum=0.9)(x)
        x = layers.Activation("relu")(x)
        x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
        x = layers.add([x, skip])
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.3)(x)
    return keras.Model(inp, layers.Dense(n, activation="softmax")(x))


def main(a):
    keras.utils.set_random_seed(21)
    common = dict(image_size=(SIZE, SIZE), batch_size=a.batch, seed=21)
    train = keras.utils.image_dataset_from_directory(a.root + "/train", **common)
    val = keras.utils.image_dataset_from_directory(a.root + "/val", **common)
    n = len(train.class_names)
    assert train.class_names == val.class_names
    train, val = train.prefetch(tf.data.AUTOTUNE), val.prefetch(tf.data.AUTOTUNE)

    model = separable_net(n)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    best = BalancedAccuracy(val, n, "photo_best.weights.h5", a.patience)
    model.fit(train, epochs=a.epochs, callbacks=[best])
    model.load_weights("photo_best.weights.h5")
    print("best balanced accuracy", best.best)


if __name__ == "__main__":
    main(ap.parse_args())
