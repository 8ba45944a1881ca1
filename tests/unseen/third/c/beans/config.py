from __future__ import annotations

import argparse
from dataclasses import dataclass, fields


@dataclass
class Config:
    dataset: str = "AI-Lab-Makerere/beans"
    num_classes: int = 3
    image_size: int = 224
    resize: int = 256
    batch_size: int = 32
    workers: int = 4
    epochs: int = 20
    lr: float = 2e-4
    weight_decay: float = 0.01
    label_smoothing: float = 0.1
    init_from: str = ""  # a file written by an earlier run; empty: ImageNet weights
    compile: bool = True
    out: str = "beans_best.pt"
    seed: int = 21

    @classmethod
    def from_cli(cls) -> "Config":
        ap = argparse.ArgumentParser()
        for f in fields(cls):
            name = "--" + f.name.replace("_", "-")
            if isinstance(f.default, bool):
                ap.add_argument(name, action=argparse.BooleanOptionalAction, default=f.default)
            else:
                ap.add_argument(name, type=type(f.default), default=f.default)
        return cls(**vars(ap.parse_args()))
