"""Every planted fault and every healthy run: what is changed, which code must be found, which factor explains it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sets
from programs import PROGRAMS

SIZES = {"photos": 96, "fashion": 96, "stamps": 96}
CLASSES = {"photos": 8, "fashion": 10, "stamps": 8}
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


@dataclass(frozen=True)
class Case:
    """code: None for a healthy run. factor: what the attribution has to name first. also: codes that the same fault
    brings along rightly. network: a factory of nets.py in the place of probes."""

    name: str
    base: str
    code: str | None = None
    plant: Callable[[Path], None] | None = None
    config: dict[str, Any] = field(default_factory=dict)
    factor: str | None = None
    also: tuple[str, ...] = ()
    network: str | None = None
    program: str | None = None  # a training program of programs.py in the place of a configuration


def healthy_config(base: str, **changes: Any) -> dict[str, Any]:
    """Fine-tuning as it should be, with the changes; None leaves a field out."""
    size = SIZES[base]
    config = {
        "method": "transfer", "model": "resnet50", "weights": "imagenet", "optimizer": "adamw", "learning_rate": 1e-3,
        "weight_decay": 0.01, "batch_size": 32, "epochs": 30, "schedule": "cosine", "input_size": size,
        "scaling": "1/255", "mean": MEAN, "std": STD, "train_augmentations": ["random_horizontal_flip"],
        "val_augmentations": ["resize", "center_crop"], "loss": "cross_entropy", "head": CLASSES[base],
        "frozen": "none", "drop_last": True, "seed": 0, "shuffle": True, "output_activation": "none",
        "val_input_size": size, "val_scaling": "1/255", "val_mean": MEAN, "val_std": STD,
    }  # fmt: skip
    return {key: value for key, value in {**config, **changes}.items() if value is not None}


SGD = {"optimizer": "sgd", "momentum": 0.9, "weight_decay": 1e-4}
HALF = {"mean": [0.5] * 3, "std": [0.5] * 3, "val_mean": [0.5] * 3, "val_std": [0.5] * 3}
SCRATCH = {"method": "scratch", "weights": "none", "epochs": 60}

# Variations that change nothing for the worse; each on all three sets but the last, which needs many images.
HEALTHY: dict[str, dict[str, Any]] = {
    "adamw 1e-3": {},
    "adamw 3e-4": {"learning_rate": 3e-4},
    "adamw 1e-4, weight decay 0.05": {"learning_rate": 1e-4, "weight_decay": 0.05},
    "adam 5e-4": {"optimizer": "adam", "learning_rate": 5e-4, "weight_decay": 0.0},
    "sgd 0.01": {**SGD, "learning_rate": 0.01},
    "sgd 0.003, batch 16": {**SGD, "learning_rate": 0.003, "batch_size": 16},
    "sgd 0.05, batch 128": {**SGD, "learning_rate": 0.05, "batch_size": 128},
    "rmsprop 3e-4": {"optimizer": "rmsprop", "learning_rate": 3e-4, "weight_decay": 0.0, "momentum": 0.0},
    "crops": {"train_augmentations": ["random_resized_crop", "random_horizontal_flip"]},
    "crops and colours": {"train_augmentations": ["random_resized_crop", "random_horizontal_flip", "color_jitter"]},
    "constant rate": {"schedule": "constant", "learning_rate": 3e-4},
    "frozen backbone": {"method": "linear_probe", "frozen": ["backbone"]},
    "another seed": {"seed": 7, "epochs": 20},
}
FROM_SCRATCH = {
    "scratch, sgd 0.1": {**SCRATCH, **SGD, "learning_rate": 0.1, "batch_size": 128},
    "scratch, adamw 1e-3, halves": {**SCRATCH, **HALF, "batch_size": 64},
}

# Healthy in other ways: loss and what the outputs go through, optimizer, schedule, head, mixing; one base set each.
PLAIN_ADAM = {"optimizer": "adam", "learning_rate": 3e-4, "weight_decay": 0.0}
VARIED: dict[str, dict[str, Any]] = {
    "softmax and categorical crossentropy": {
        **PLAIN_ADAM, "loss": "categorical_crossentropy", "output_activation": "softmax", "schedule": "constant",
        "optimizer_options": {"eps": 1e-7}},
    "sigmoids and binary crossentropy, NAdam": {
        **PLAIN_ADAM, "optimizer": "nadam", "loss": "binary_crossentropy", "output_activation": "sigmoid"},
    "NLL on log-softmax, steps": {
        **SGD, "learning_rate": 0.01, "loss": "nll", "output_activation": "log_softmax", "schedule": "step",
        "schedule_options": {"period": 10, "factor": 0.3}},
    "label smoothing, Nesterov, one cycle": {
        **SGD, "learning_rate": 0.01, "schedule": "onecycle", "loss_options": {"label_smoothing": 0.1},
        "schedule_options": {"peak_rate": 0.02}, "optimizer_options": {"nesterov": True}},
    "focal loss, Adagrad, polynomial": {
        "optimizer": "adagrad", "learning_rate": 3e-3, "weight_decay": 0.0, "loss": "focal", "schedule": "polynomial",
        "schedule_options": {"power": 0.9}},
    "RAdam, plateau": {**PLAIN_ADAM, "optimizer": "radam", "schedule": "plateau", "schedule_options": {"period": 3}},
    "Lion, linear decay": {
        "optimizer": "lion", "learning_rate": 1e-4, "weight_decay": 0.1, "schedule": "linear"},
    "AdamW with other betas, clipped, warmed up": {
        "optimizer_options": {"betas": [0.9, 0.95], "clip_norm": 1.0}, "schedule_options": {"warmup": 3}},
    "mixup, milestones": {
        **SGD, "learning_rate": 0.01, "schedule": "multistep", "schedule_options": {"milestones": [15, 22]},
        "augmentation_options": {"mixup": 0.2}},
    "a smaller rate for the backbone": {
        **SGD, "learning_rate": 0.02, "optimizer_options": {"backbone_rate": 0.002}},
    "a head of 256 units over a frozen backbone": {
        "method": "linear_probe", "frozen": ["backbone"], "head_options": {"hidden": [256], "dropout": 0.3}},
    "LAMB, which the probes cannot train with": {"optimizer": "lamb", "learning_rate": 1e-3},
}  # fmt: skip

BASES = ("photos", "fashion", "stamps")


def healthy() -> list[Case]:
    runs = [Case(f"healthy: {name}", base, config=changes) for base in BASES for name, changes in HEALTHY.items()]
    runs += [Case(f"healthy: {name}", "fashion", config=changes) for name, changes in FROM_SCRATCH.items()]
    runs += [
        Case(f"healthy: {name}", BASES[number % len(BASES)], config=changes)
        for number, (name, changes) in enumerate(VARIED.items())
    ]
    runs += [
        Case(f"healthy: {name}", base, program=text.format(size=SIZES[base], classes=CLASSES[base]))
        for base in BASES
        for name, text in PROGRAMS.items()
    ]
    return [*runs, Case("healthy: network", "photos", network="healthy")]


def planted() -> list[Case]:
    return [*_data(), *_fed(), *_configured(), *_networks()]


def _data() -> list[Case]:
    on = {
        "photos": [
            ("D101", sets.unreadable, ()), ("D102", sets.truncated, ()), ("D103", sets.text_files, ()),
            ("D104", sets.copies, ()), ("D106", sets.leaked, ()), ("D107", sets.two_labels, ("D119",)),
            ("D108", sets.few, ("P504", "C315", "P501", "D111", "C304")), ("D110", sets.class_missing, ()),
            ("D111", sets.tiny_validation, ()), ("D118", sets.blurred_validation, ("N208",)),
            ("D119", sets.wrong_labels, ()), ("P505", sets.shuffled_labels, ("P508",)),
            ("D105", sets.edited_copies, ()), ("D115", sets.turned_by_exif, ()), ("D116", sets.dark, ()),
            ("D117", sets.format_by_class, ()), ("D120", sets.bomb, ()), ("D121", sets.left_behind, ("D110",)),
            ("N211", sets.left_and_right, ()),
        ],
        "fashion": [
            ("D106", sets.leaked, ()), ("D108", sets.few, ("P504", "C315", "C304")), ("D109", sets.imbalanced, ()),
            ("D118", sets.turned_validation, ()), ("D119", sets.wrong_labels, ()),
            ("P505", sets.shuffled_labels, ("P508",)), ("D116", sets.blank, ("D104", "D107")),
            ("D117", sets.framed_by_class, ()),
        ],
        "stamps": [
            ("D102", sets.truncated, ()), ("D106", sets.leaked_resaved, ()), ("D118", sets.dark_validation, ()),
            ("D119", sets.wrong_labels, ()), ("P505", sets.shuffled_labels, ("P508",)),
            ("D113", sets.banners, ("D116",)), ("D114", sets.sixteen_bits, ("D116",)),
            ("D117", sets.size_by_class, ("D116",)),
        ],
    }  # fmt: skip
    return [
        Case(f"{plant.__name__.replace('_', ' ')}", base, code, plant, also=also)
        for base, rows in on.items()
        for code, plant, also in rows
    ]


def _fed() -> list[Case]:
    raw = {"scaling": "none", "mean": "none", "std": "none", "val_scaling": "none", "val_mean": "none",
           "val_std": "none"}  # fmt: skip
    twice = {"scaling": ["1/255", "1/255"], "val_scaling": ["1/255", "1/255"]}
    plain = {"mean": "none", "std": "none", "val_mean": "none", "val_std": "none"}
    units = {"mean": [123.7, 116.3, 103.5], "std": [58.4, 57.1, 57.4], "val_mean": [123.7, 116.3, 103.5],
             "val_std": [58.4, 57.1, 57.4]}  # fmt: skip
    swapped = {"mean": STD, "std": MEAN, "val_mean": STD, "val_std": MEAN}
    negative = {"std": [-0.229, -0.224, -0.225], "val_std": [-0.229, -0.224, -0.225]}
    rows = [
        ("raw pixels", "N201", raw, "preprocessing", ("photos", "stamps")),
        ("scaled twice", "N202", twice, "preprocessing", ("photos", "fashion", "stamps")),
        ("no normalisation", "N203", plain, "preprocessing", ("photos", "stamps")),
        ("statistics of 0..255 on 0..1", "N204", units, "preprocessing", ("photos", "fashion")),
        ("negative deviation", "N206", negative, "preprocessing", ("stamps",)),
        ("mean and deviation exchanged", "N206", swapped, None, ("fashion",)),
        ("other statistics in validation", "N208", {"val_mean": [0.0] * 3, "val_std": [1.0] * 3}, None, ("photos",)),
        ("augmented validation", "N209", {"val_augmentations": ["random_resized_crop"]}, None, ("stamps",)),
    ]
    also = ("M410", "M411", "P506", "M407", "N205", "P503", "N203")
    return [
        Case(name, base, code, config=changes, factor=factor, also=also)
        for name, code, changes, factor, bases in rows
        for base in bases
    ]


def _configured() -> list[Case]:
    scratch_claim = {"weights": "none"}
    learned_nothing = ("P506", "P503", "M410", "M411", "C304", "D108", "P501", "C317", "C303", "C302")
    rows: list[tuple[str, str, dict[str, Any], str | None, tuple[str, ...]]] = [
        ("claims transfer, random weights", "C301", scratch_claim, "weights", BASES),
        ("sgd 10", "C302", {**SGD, "learning_rate": 10.0}, "learning rate", ("photos", "stamps")),
        ("adamw 0.2", "C302", {"learning_rate": 0.2}, "learning rate", ("fashion", "photos")),
        ("adam 0.03", "C302", {"optimizer": "adam", "learning_rate": 0.03, "weight_decay": 0.0}, "learning rate",
         ("stamps",)),
        ("sgd 1e-7", "C303", {**SGD, "learning_rate": 1e-7}, "learning rate", ("photos", "fashion")),
        ("adamw 1e-7", "C303", {"learning_rate": 1e-7}, "learning rate", ("stamps", "photos")),
        ("sgd 2e-5, few epochs", "C303", {**SGD, "learning_rate": 2e-5, "epochs": 3}, "learning rate", ("stamps",)),
        ("too few steps from scratch", "C304", {**SCRATCH, "epochs": 1, "batch_size": 128}, "weights",
         ("fashion",)),
        ("frozen random backbone", "C306", {"method": "scratch", "weights": "none", "frozen": ["backbone"]}, "weights",
         ("photos", "fashion")),
        ("softmax before cross-entropy", "C307", {"output_activation": "softmax"}, "loss", BASES),
        ("head of another size", "C309", {"head": 5}, None, ("photos",)),
        ("not shuffled", "C312", {"shuffle": False}, "shuffling", ("photos", "stamps")),
        ("one image a step", "C315", {"batch_size": 1}, None, ("stamps",)),
        ("weights of another size", "C318", {"input_size": 32, "val_input_size": 32}, None, ("photos",)),
    ]  # fmt: skip
    return [
        Case(name, base, code, config=changes, factor=factor, also=learned_nothing)
        for name, code, changes, factor, bases in rows
        for base in bases
    ]


def _networks() -> list[Case]:
    rows = [
        ("Probabilities", "M409", ("M410", "M407")), ("Blind", "M411", ("M404", "M405", "M406", "M410", "M407")),
        ("Detached", "M410", ("M405", "M409", "M407", "M411")), ("loud_head", "M407", ("M412",)),
        ("without_norm", "M403", ("M404", "M405", "M407", "M410", "M411", "M401", "M406")),
        ("frozen", "M408", ("M410",)), ("dead", "M406", ("M404", "M405", "M410", "M411")),
    ]  # fmt: skip
    return [Case(f"network: {name}", "photos", code, network=name, also=also) for name, code, also in rows]
