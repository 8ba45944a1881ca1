"""The options of a training beyond its main numbers: the name of each, in one vocabulary for all libraries.

A configuration file may write them in a section (`optimizer: {name: sgd, nesterov: true}`), and readers of programs
translate each library's arguments into them.
"""

from __future__ import annotations

from diagnose.catalogue import augmentations, losses, optimizers, schedules

# hidden: units of the layers before the last one, each with ReLU. dropout: before the last. other: further layers.
HEAD = ("hidden", "dropout", "other")

# The options of each field.
OPTIONS: dict[str, frozenset[str]] = {
    "optimizer_options": frozenset().union(*(one.options for one in optimizers.OPTIMIZERS)),
    "schedule_options": frozenset(schedules.OPTIONS),
    "loss_options": frozenset(losses.OPTIONS),
    "augmentation_options": frozenset(one.name for one in augmentations.AUGMENTATIONS),
    "head_options": frozenset(HEAD),
}
# Sections of configuration files, and the field that their options belong to.
SECTIONS = {
    "optimizer": "optimizer_options",
    "schedule": "schedule_options",
    "scheduler": "schedule_options",
    "loss": "loss_options",
    "augmentation": "augmentation_options",
    "augmentations": "augmentation_options",
    "head": "head_options",
}
# Other words for an option.
WORDS = {
    "optimizer_options": {
        "max_norm": "clip_norm", "clip_grad_norm": "clip_norm", "gradient_clip": "clip_norm", "grad_clip": "clip_norm",
        "clipnorm": "clip_norm", "clipvalue": "clip_value", "lr_backbone": "backbone_rate",
        "backbone_lr": "backbone_rate", "epsilon": "eps",
    },
    "schedule_options": {
        "step_size": "period", "t_max": "period", "T_max": "period", "T_0": "period", "patience": "period",
        "decay_epochs": "period", "gamma": "factor", "decay_rate": "factor", "eta_min": "final_rate",
        "min_lr": "final_rate", "max_lr": "peak_rate", "T_mult": "growth", "pct_start": "rising",
        "warmup_epochs": "warmup", "warm_up": "warmup",
    },
    "loss_options": {"smoothing": "label_smoothing", "weight": "class_weights", "weights": "class_weights"},
    "augmentation_options": {},
    "head_options": {"units": "hidden", "layers": "hidden", "hidden_units": "hidden"},
}  # fmt: skip
# Options that are commonly written outside of any section.
ALONE = {
    "label_smoothing": "loss_options", "class_weights": "loss_options", "nesterov": "optimizer_options",
    "betas": "optimizer_options", "clip_norm": "optimizer_options", "max_grad_norm": "optimizer_options",
    "gradient_clip": "optimizer_options", "grad_clip": "optimizer_options", "backbone_lr": "optimizer_options",
    "lr_backbone": "optimizer_options", "step_size": "schedule_options", "milestones": "schedule_options",
    "warmup_epochs": "schedule_options", "gamma": "schedule_options", "dropout": "head_options",
    "mixup": "augmentation_options", "cutmix": "augmentation_options",
}  # fmt: skip
WORDS["optimizer_options"]["max_grad_norm"] = "clip_norm"


def place(key: str) -> tuple[str, str] | None:
    """The field and the option that a key of a configuration file means, such as optimizer.nesterov; None for none."""
    section, dot, word = key.rpartition(".")
    field = (section if section in OPTIONS else SECTIONS.get(section)) if dot else ALONE.get(word)
    if field is None:
        return None
    word = WORDS[field].get(word, word)
    if field == "augmentation_options":
        word = augmentations.named(word)
    return (field, word) if word in OPTIONS[field] else None
