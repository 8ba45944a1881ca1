"""Configurations that tools write, as fields with their lines."""

import pytest

from diagnose.config.read import read_configuration

TIMM = """
model: resnet50
opt: lamb
lr: 0.005
weight_decay: 0.02
momentum: 0.9
batch_size: 256
epochs: 100
cooldown_epochs: 10
sched: cosine
warmup_lr: 1.0e-06
aa: rand-m7-mstd0.5
reprob: 0.25
mixup: 0.1
cutmix: 1.0
smoothing: 0.1
hflip: 0.5
color_jitter: 0.4
pretrained: false
mean: null
std: null
seed: 42
num_classes: 10
"""
LIGHTNING = """
seed_everything: 7
trainer:
  max_epochs: 12
model:
  class_path: nets.Net
  init_args:
    arch: resnet18
    pretrained: true
    num_classes: 4
data:
  init_args:
    batch_size: 16
optimizer:
  class_path: torch.optim.AdamW
  init_args:
    lr: 0.002
lr_scheduler:
  class_path: torch.optim.lr_scheduler.CosineAnnealingLR
"""


@pytest.fixture
def fields(tmp_path):
    def run(text):
        path = tmp_path / "args.yaml"
        path.write_text(text)
        config = read_configuration(str(path)).config
        return {name: setting.value for name, setting in config.settings() if setting.known}, config

    return run


def test_timms_arguments(fields):
    known, config = fields(TIMM)
    expected = {"model": "resnet50", "optimizer": "lamb", "learning_rate": 0.005, "weight_decay": 0.02,
                "batch_size": 256, "epochs": 110, "schedule": "cosine", "weights": "none", "seed": 42, "head": 10,
                "scaling": ("1/255",), "shuffle": True, "drop_last": True, "val_augmentations": ()}  # fmt: skip
    assert {name: known.get(name) for name in expected} == expected
    assert known["train_augmentations"] == (
        "random_resized_crop",
        "random_horizontal_flip",
        "rand_augment",
        "random_erasing",
        "mix_up",
        "cut_mix",
    )
    assert "model's own settings" in config.mean.why
    assert config.learning_rate.line == 4


@pytest.mark.parametrize(
    ("old", "new", "augmentations"),
    [
        ("aa: rand-m7-mstd0.5", "aa: augmix-m5", ("random_resized_crop", "random_horizontal_flip", "aug_mix")),
        ("aa: rand-m7-mstd0.5", "aa: original", ("random_resized_crop", "random_horizontal_flip", "auto_augment")),
        ("aa: rand-m7-mstd0.5", "aa: null\nvflip: 0.5",
         ("random_resized_crop", "random_horizontal_flip", "random_vertical_flip", "color_jitter")),
        ("hflip: 0.5", "hflip: 0.5\nno_aug: true", ()),
    ],
)  # fmt: skip
def test_timms_augmentations(fields, old, new, augmentations):
    text = TIMM.replace(old, new).replace("reprob: 0.25", "reprob: 0.0")
    assert fields(text.replace("mixup: 0.1", "mixup: 0.0").replace("cutmix: 1.0", "cutmix: 0.0"))[0][
        "train_augmentations"
    ] == augmentations  # fmt: skip


def test_timm_computes_a_rate_that_is_not_given(fields):
    known, config = fields(TIMM.replace("lr: 0.005", "lr: null"))
    assert "learning_rate" not in known
    assert "lr_base" in config.learning_rate.why


def test_lightnings_configuration(fields):
    known, _ = fields(LIGHTNING)
    expected = {"seed": 7, "epochs": 12, "model": "resnet18", "weights": "imagenet", "head": 4, "batch_size": 16,
                "optimizer": "adamw", "learning_rate": 0.002, "weight_decay": 0.01, "schedule": "cosine"}  # fmt: skip
    assert {name: known.get(name) for name in expected} == expected


def test_lightning_that_stops_by_steps_has_no_known_epochs(fields):
    known, config = fields(LIGHTNING.replace("max_epochs: 12", "max_epochs: 12\n  max_steps: 100"))
    assert "epochs" not in known
    assert "max_steps" in config.epochs.why
