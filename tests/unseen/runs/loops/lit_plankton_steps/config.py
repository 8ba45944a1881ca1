from dataclasses import dataclass, field


@dataclass
class Config:
    data: str = "objects10"
    image_size: int = 96
    batch_size: int = 32
    workers: int = 2
    arch: str = "resnet18"
    lr: float = 0.05
    momentum: float = 0.9
    weight_decay: float = 5e-4
    epochs: int = 90
    # divide the learning rate by ten at these epochs
    milestones: list = field(default_factory=lambda: [45, 70, 82])
    gamma: float = 0.1
    seed: int = 1234
