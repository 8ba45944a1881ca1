from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    root: str = "gtsrb"
    side: int = 48
    classes: int = 43
    width: int = 32
    batch: int = 128
    epochs: int = 20
    peak_lr: float = 0.05
    l2: float = 5e-4
    seed: int = 11
    workers: int = 4
    out: str = "signnet.pt"
    mean: tuple = (0.3403, 0.3121, 0.3214)
    std: tuple = (0.2724, 0.2608, 0.2669)
