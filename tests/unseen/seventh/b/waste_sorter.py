#!/usr/bin/env python3
"""Waste sorting line: ResNet50 on camera crops (glass, metal, organic, paper, plastic, textile)."""
from __future__ import annotations

import argparse
import json
import pathlib
from dataclasses import asdict, dataclass

import tensorflow as tf
from tensorflow.keras.applications import ResNet50
from tensorflow.keras.applications.resnet50 import preprocess_input
from tensorflow.keras.preprocessing.image import ImageDataGenerator


@dataclass
class SorterConfig:
    crops: str
    out: str = "sorter_out"
    side: int = 224
    batch: int = 32
    rounds: int = 12
    step_size: float = 5e-4
    holdout: float = 0.2
    seed: int = 77


class WasteSorter:
    MATERIALS = ("glass", "metal", "organic", "paper", "plastic", "textile")

    def __init__(self, cfg: SorterConfig):
        self.cfg = cfg
        self.out = pathlib.Path(cfg.out)
        self.out.mkdir(parents=True, exist_ok=True)

    def flows(self):
        c = self.cfg
        idg = ImageDataGenerator(
            preprocessing_function=preprocess_input,
            rotation_range=25,
            horizontal_flip=True,
            validation_split=c.holdout,
        )
        common = dict(target_size=(c.side, c.side), batch_size=c.batch, classes=list(self.MATERIALS),
                      class_mode="sparse", seed=c.seed)
        fit_flow = idg.flow_from_directory(c.crops, subset="training", shuffle=True, **common)
        val_flow = idg.flow_from_directory(c.crops, subset="validation", shuffle=False, **common)  # fault: N209
        return fit_flow, val_flow

    def network(self) -> tf.keras.Model:
        c = self.cfg
        trunk = ResNet50(include_top=False, weights="imagenet", pooling="avg", input_shape=(c.side, c.side, 3))
        trunk.trainable = False
        net = tf.keras.Sequential([
            trunk,
            tf.keras.layers.Dense(256, activation="relu"),
            tf.keras.layers.Dropout(0.4),
            tf.keras.layers.Dense(len(self.MATERIALS)),
        ])
        net.compile(
            optimizer=tf.keras.optimizers.Adam(learning_rate=c.step_size),
            loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=["accuracy"],
        )
        return net

    def work(self):
        tf.keras.utils.set_random_seed(self.cfg.seed)
        fit_flow, val_flow = self.flows()
        net = self.network()
        log = net.fit(fit_flow, validation_data=val_flow, epochs=self.cfg.rounds, verbose=2)
        net.save(self.out / "sorter.keras")
        (self.out / "history.json").write_text(
            json.dumps({"config": asdict(self.cfg), "log": {k: [float(v) for v in vs] for k, vs in log.history.items()}}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("crops")
    parser.add_argument("--out", default="sorter_out")
    parser.add_argument("--rounds", type=int, default=12)
    args = parser.parse_args()
    WasteSorter(SorterConfig(crops=args.crops, out=args.out, rounds=args.rounds)).work()
