"""Fine-tuning of an EfficientNetV2 on frames of the reef survey.

The survey delivers one still per dive (no two stills show the same spot), sorted
into a folder per habitat.
"""
from __future__ import annotations

import dataclasses
import logging
import pathlib

import tensorflow as tf
from tensorflow import keras

log = logging.getLogger("kelp")
AUTO = tf.data.AUTOTUNE


@dataclasses.dataclass(frozen=True)
class Settings:
    root: pathlib.Path = pathlib.Path("/srv/survey/stills")
    habitats: tuple[str, ...] = ("barren", "coral", "kelp", "sand", "seagrass")
    side: int = 224
    batch: int = 32
    epochs: int = 18
    peak_rate: float = 1e-4
    decay: float = 1e-4
    held_out: float = 0.2
    seed: int = 11


class Stills:
    def __init__(self, cfg: Settings) -> None:
        self.cfg = cfg
        files, labels = [], []
        for k, habitat in enumerate(cfg.habitats):
            found = sorted((cfg.root / habitat).glob("*.png"))
            files.extend(str(f) for f in found)
            labels.extend([k] * len(found))
            log.info("%s: %d", habitat, len(found))
        self.total = len(files)
        everything = tf.data.Dataset.from_tensor_slices((files, labels)).shuffle(
            self.total, seed=cfg.seed, reshuffle_each_iteration=False
        )
        self.n_held = int(self.total * cfg.held_out)
        self._held = everything.take(self.n_held)
        self._rest = everything.skip(self.n_held)

    def _load(self, file: tf.Tensor, label: tf.Tensor):
        png = tf.io.decode_png(tf.io.read_file(file), channels=3)
        # the network brings its own rescaling; it wants 0..255
        return tf.image.resize(png, (self.cfg.side, self.cfg.side)), label

    @property
    def train(self) -> tf.data.Dataset:
        ds = self._rest.shuffle(self.total - self.n_held)
        ds = ds.map(self._load, num_parallel_calls=AUTO)
        ds = ds.map(lambda im, y: (tf.image.random_flip_left_right(im), y), num_parallel_calls=AUTO)
        return ds.batch(self.cfg.batch).prefetch(AUTO)

    @property
    def held(self) -> tf.data.Dataset:
        return self._held.map(self._load, num_parallel_calls=AUTO).batch(self.cfg.batch).prefetch(AUTO)

    @property
    def steps(self) -> int:
        return -(-(self.total - self.n_held) // self.cfg.batch)


def classifier(cfg: Settings) -> keras.Model:
    trunk = keras.applications.EfficientNetV2B0(
        include_top=False,
        weights="imagenet",
        input_shape=(cfg.side, cfg.side, 3),
        pooling="avg",
        include_preprocessing=True,
    )
    x = keras.layers.Dropout(0.2)(trunk.output)
    logits = keras.layers.Dense(len(cfg.habitats), name="habitat")(x)
    return keras.Model(trunk.input, logits)


def run(cfg: Settings) -> None:
    tf.random.set_seed(cfg.seed)
    data = Stills(cfg)
    model = classifier(cfg)
    rate = keras.optimizers.schedules.CosineDecay(cfg.peak_rate, decay_steps=data.steps * cfg.epochs)
    model.compile(
        optimizer=keras.optimizers.AdamW(rate, weight_decay=cfg.decay),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[keras.metrics.SparseCategoricalAccuracy(name="acc")],
    )
    model.fit(data.train, validation_data=data.held, epochs=cfg.epochs, verbose=2)
    model.save("kelp.keras")


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    run(Settings())
