"""Animals whose kind stands in the file name; PyDataset with augmentation."""
import glob
import math
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
import keras
import numpy as np
from keras import layers
from PIL import Image, ImageOps

KINDS = ["bird", "cat", "deer", "dog", "frog", "horse"]
SIZE = 80


class AnimalSequence(keras.utils.PyDataset):
    """Gives batches of pictures in [0, 1] and one-hot labels."""

    def __init__(self, paths, batch_size=24, augment=False, **kw):
        super().__init__(**kw)
        self.paths = np.array(paths)
        self.batch_size = batch_size
        self.augment = augment
        kinds = [os.path.basename(p).split("_")[0] for p in paths]
        self.labels = keras.utils.to_categorical([KINDS.index(k) for k in kinds], len(KINDS))
        self.order = np.arange(len(self.paths))
        self.rng = np.random.default_rng(0)
        self.on_epoch_end()

    def __len__(self):
        return math.ceil(len(self.paths) / self.batch_size)

    def picture(self, path):
        im = Image.open(path).convert("RGB").resize((SIZE, SIZE), Image.BILINEAR)
        if self.augment:
            if self.rng.random() < 0.5:
                im = ImageOps.mirror(im)
            im = im.rotate(self.rng.uniform(-10, 10), resample=Image.BILINEAR)
        return np.asarray(im, dtype="float32") / 255.0

    def __getitem__(self, i):
        part = slice(i * self.batch_size, (i + 1) * self.batch_size)
        x = np.stack([self.picture(p) for p in self.paths[self.order[part]]])
        y = self.labels[part]
        return x, y

    def on_epoch_end(self):
        if self.augment:
            self.rng.shuffle(self.order)


def build():
    net = keras.Sequential([keras.Input((SIZE, SIZE, 3))])
    for f in (32, 48, 64, 96):
        net.add(layers.Conv2D(f, 3, padding="same", use_bias=False))
        net.add(layers.BatchNormalization())
        net.add(layers.ReLU())
        net.add(layers.MaxPooling2D())
    net.add(layers.GlobalAveragePooling2D())
    net.add(layers.Dense(64, activation="relu"))
    net.add(layers.Dropout(0.3))
    net.add(layers.Dense(len(KINDS), activation="softmax"))
    return net


def main():
    keras.utils.set_random_seed(21)
    files = sorted(glob.glob("*.jpg"))
    np.random.default_rng(21).shuffle(files)
    cut = int(0.8 * len(files))
    train, valid = AnimalSequence(files[:cut], augment=True), AnimalSequence(files[cut:])
    print(f"{cut} training and {len(files) - cut} validation pictures")
    model = build()
    model.compile(
        optimizer=keras.optimizers.AdamW(learning_rate=1e-3, weight_decay=1e-4),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.05),
        metrics=["accuracy"],
    )
    model.fit(train, validation_data=valid, epochs=60, verbose=2,
              callbacks=[keras.callbacks.CSVLogger("animals_log.csv")])


if __name__ == "__main__":
    main()
