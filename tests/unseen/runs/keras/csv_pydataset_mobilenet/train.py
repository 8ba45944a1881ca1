"""
MobileNetV2 on vehicles listed in CSV files.

    python train.py -c vehicles/train.csv -v vehicles/valid.csv -i vehicles/images
"""
import argparse

import keras
import numpy as np
from keras import layers
from keras.applications.mobilenet_v2 import MobileNetV2, preprocess_input

from sequence import CsvSequence

CLASSES = ("airplane", "automobile", "ship", "truck")


class VehicleClassifier:
    def __init__(self, size, weights):
        self.size = size
        self.base = MobileNetV2(include_top=False, weights=None, input_shape=(size, size, 3))
        before = self.base.get_layer("block_5_expand").get_weights()[0]
        self.base.load_weights(weights, by_name=True)
        if np.allclose(before, self.base.get_layer("block_5_expand").get_weights()[0]):
            raise RuntimeError(f"{weights}: no layer has a matching name")
        self.model = self._head()

    def _head(self):
        # only the last blocks learn, and not their batch normalisation
        self.base.trainable = True
        first = len(self.base.layers) - 27
        for i, layer in enumerate(self.base.layers):
            layer.trainable = i >= first and not isinstance(layer, layers.BatchNormalization)
        inputs = layers.Input((self.size, self.size, 3))
        x = self.base(inputs, training=False)
        x = layers.GlobalAveragePooling2D()(x)
        x = layers.Dropout(0.3)(x)
        outputs = layers.Dense(len(CLASSES), activation="softmax")(x)
        return keras.Model(inputs, outputs)

    def fit(self, train, valid, epochs, lr):
        self.model.compile(optimizer=keras.optimizers.Adam(lr, clipnorm=1.0),
                           loss="sparse_categorical_crossentropy", metrics=["sparse_categorical_accuracy"])
        return self.model.fit(train, validation_data=valid, epochs=epochs, callbacks=[
            keras.callbacks.ReduceLROnPlateau(monitor="val_sparse_categorical_accuracy", mode="max", factor=0.5, patience=3),
            keras.callbacks.CSVLogger("vehicles_log.csv"),
        ])


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("-c", "--train", required=True)
    ap.add_argument("-v", "--valid", required=True)
    ap.add_argument("-i", "--images", required=True)
    ap.add_argument("-w", "--weights", default="weights/mobilenetv2_by_name.h5")
    ap.add_argument("-s", "--size", type=int, default=128)
    ap.add_argument("-b", "--batch", type=int, default=32)
    ap.add_argument("-e", "--epochs", type=int, default=40)
    ap.add_argument("--lr", type=float, default=3e-4)
    a = ap.parse_args()
    keras.utils.set_random_seed(2024)
    train = CsvSequence(a.train, a.images, CLASSES, a.batch, a.size, preprocess_input, augment=True, shuffle=True, seed=1)
    valid = CsvSequence(a.valid, a.images, CLASSES, a.batch, a.size, preprocess_input)
    VehicleClassifier(a.size, a.weights).fit(train, valid, a.epochs, a.lr)
