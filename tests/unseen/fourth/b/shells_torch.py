"""Sea shells with Keras 3 on top of PyTorch, own training step.

index.csv:  file,label,part      (label 0..13, part is 'train' or 'val')
"""
import csv
import math
import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
import torch
from keras import layers
from PIL import Image

ROOT = "/mnt/shells"
SIDE = 144
BATCH = 32
EPOCHS = 35
MEAN = np.array([0.485, 0.456, 0.406], dtype="float32")
STD = np.array([0.229, 0.224, 0.225], dtype="float32")

keras.utils.set_random_seed(77)


def rows_of(part):
    with open(os.path.join(ROOT, "index.csv"), newline="") as f:
        return [(r["file"], int(r["label"])) for r in csv.DictReader(f) if r["part"] == part]


class Shells(keras.utils.PyDataset):
    def __init__(self, rows, training, **kwargs):
        super().__init__(**kwargs)
        self.rows = list(rows)
        self.training = training
        self.rng = np.random.default_rng(77)
        if training:
            self.rng.shuffle(self.rows)

    def __len__(self):
        return math.ceil(len(self.rows) / BATCH)

    def __getitem__(self, k):
        part = self.rows[k * BATCH:(k + 1) * BATCH]
        x = np.empty((len(part), SIDE, SIDE, 3), dtype="float32")
        for j, (file, _) in enumerate(part):
            with Image.open(os.path.join(ROOT, file)) as im:
                im = im.convert("RGB").resize((SIDE, SIDE), Image.BILINEAR)
            a = np.asarray(im, dtype="float32") / 255.0
            x[j] = (a - MEAN) / STD
        y = np.array([int(label) for _, label in part], dtype="int64")
        return x, y

    def on_epoch_end(self):
        if self.training:
            self.rng.shuffle(self.rows)


class ShellNet(keras.Model):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.criterion = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        self.mean_loss = keras.metrics.Mean(name="loss")
        self.hits = keras.metrics.SparseCategoricalAccuracy(name="accuracy")

    @property
    def metrics(self):
        return [self.mean_loss, self.hits]

    def _note(self, loss, y, logits):
        self.mean_loss.update_state(loss, sample_weight=y.shape[0])
        self.hits.update_state(y, logits)
        return {m.name: m.result() for m in self.metrics}

    def train_step(self, data):
        x, y = data
        self.zero_grad()
        logits = self(x, training=True)
        loss = self.criterion(y, logits)
        loss.backward()
        weights = list(self.trainable_weights)
        grads = [w.value.grad for w in weights]
        with torch.no_grad():
            self.optimizer.apply(grads, weights)
        return self._note(loss.detach(), y, logits.detach())

    def test_step(self, data):
        x, y = data
        logits = self(x, training=False)
        return self._note(self.criterion(y, logits), y, logits)


def shell_net(classes):
    inp = keras.Input((SIDE, SIDE, 3))
    x = inp
    for width in (32, 64, 128, 256):
        x = layers.Conv2D(width, 3, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization(momentum=0.9)(x)
        x = layers.Activation("gelu")(x)
        x = layers.MaxPooling2D()(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.3)(x)
    return ShellNet(inp, layers.Dense(classes)(x))


if __name__ == "__main__":
    train = Shells(rows_of("train"), True, workers=8, use_multiprocessing=False)
    val = Shells(rows_of("val"), False, workers=4)
    model = shell_net(14)
    model.compile(optimizer=keras.optimizers.AdamW(learning_rate=1e-3, weight_decay=1e-4))
    model.fit(train, validation_data=val, epochs=EPOCHS,
              callbacks=[keras.callbacks.CSVLogger("shells.csv")])
    model.save_weights("shells.weights.h5")
