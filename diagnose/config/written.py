"""Configurations that tools write: timm's args.yaml, LightningCLI's config.yaml, Hugging Face's TrainingArguments."""

from __future__ import annotations

from diagnose.catalogue import optimizers, schedules
from diagnose.interpreter.values import Table, Value, plain
from diagnose.model import UNIT_STEP
from diagnose.training.fields import Fields
from diagnose.training.pytorch.huggingface import read_arguments

TIMM_MARKS = (
    "opt",
    "sched",
    "aa",
    "reprob",
    "smoothing",
    "drop_path",
    "hflip",
    "mixup",
    "warmup_lr",
    "train_interpolation",
)
RATE_NAMES = ("lr", "learning_rate", "base_lr", "init_lr")
WEIGHT_FLAGS = ("pretrained", "use_pretrained", "weights")


def read_written(table: Table, file: str) -> Fields | None:
    """The fields of a file that timm, LightningCLI or Hugging Face's Trainer wrote; None for any other file.

    file: its path, for the places of the fields.
    """
    fields = Fields(file)
    if sum(name in table.pairs for name in TIMM_MARKS) >= 4:
        _timm(table, fields)
    elif isinstance(table.pairs.get("trainer"), Table) and ({"model", "data"} & set(table.pairs)):
        _lightning(table, fields)
    elif not read_arguments(table, fields):
        return None
    return fields


def _timm(table: Table, fields: Fields) -> None:
    pairs: dict[str, Value] = table.pairs

    def take(name: str, field: str, kind: type) -> None:
        if name in pairs and plain(pairs[name]) is not None:
            fields.take(field, pairs[name], kind)

    for name, field, kind in (("model", "model", str), ("weight_decay", "weight_decay", float), ("momentum",
    "momentum", float),
                              ("batch_size", "batch_size", int), ("sched", "schedule", str),
                              ("num_classes", "head", int), ("seed", "seed", int), ("img_size", "input_size",
                              int)):  # fmt: skip
        take(name, field, kind)
    cooldown = plain(pairs.get("cooldown_epochs"), 0)
    epochs = plain(pairs.get("epochs"))
    cycles = plain(pairs.get("sched")) in ("cosine", "tanh", "poly")
    if cycles and isinstance(cooldown, int) and cooldown and isinstance(epochs, int):
        fields.know("epochs", epochs + cooldown, pairs["epochs"].at)  # timm trains on at the lowest rate
    else:
        take("epochs", "epochs", int)
    opt = plain(pairs.get("opt"))
    if isinstance(opt, str):
        fields.know("optimizer", optimizers.canonical(opt), pairs["opt"].at)
    if plain(pairs.get("lr")) is None:
        fields.unknown("learning_rate", "timm computes it from lr_base, the batch size and the number of processes")
    take("lr", "learning_rate", float)
    if "pretrained" in pairs:
        flag = pairs["pretrained"]
        fields.know("weights", "imagenet" if plain(flag) else "none", flag.at)
    at = table.at
    fields.know("scaling", (UNIT_STEP,), at)  # timm's loaders always do
    for name in ("mean", "std"):
        value = plain(pairs.get(name))
        if isinstance(value, list) and value:
            fields.know(name, tuple(float(n) for n in value), pairs[name].at)
        else:
            fields.unknown(name, "timm takes it from the model's own settings")
    fields.know("train_augmentations", tuple(_timm_augmentations(pairs)), at)
    fields.know("val_augmentations", (), at)
    fields.know("shuffle", True, at)
    fields.know("drop_last", True, at)


def _timm_augmentations(pairs: dict[str, Value]) -> list[str]:
    """What create_transform and Mixup are asked for; mixing stays on where transforms are off."""
    mixed = [name for option, name in (("mixup", "mix_up"), ("cutmix", "cut_mix")) if _above_0(pairs, option, 0.0)]
    if plain(pairs.get("no_aug"), False):
        return mixed
    found = ["random_resized_crop"]
    if _above_0(pairs, "hflip", 0.5):
        found.append("random_horizontal_flip")
    if _above_0(pairs, "vflip", 0.0):
        found.append("random_vertical_flip")
    policy = str(plain(pairs.get("aa")) or "")
    if policy:
        kinds = (("rand", "rand_augment"), ("augmix", "aug_mix"), ("", "auto_augment"))
        found.append(next(name for start, name in kinds if policy.startswith(start)))
    if (not policy or "3a" in policy) and _above_0(pairs, "color_jitter", 0.4):
        found.append("color_jitter")
    return [*found, *(["random_erasing"] if _above_0(pairs, "reprob", 0.0) else []), *mixed]


def _above_0(pairs: dict[str, Value], name: str, default: float) -> bool:
    value = plain(pairs.get(name), default)
    return isinstance(value, int | float) and value > 0


def _lightning(table: Table, fields: Fields) -> None:
    pairs: dict[str, Value] = table.pairs
    trainer = pairs["trainer"]
    assert isinstance(trainer, Table)
    steps = trainer.pairs.get("max_steps")
    if steps is not None and plain(steps, 1) not in (-1, None):
        fields.unknown("epochs", "training stops after max_steps steps")
    elif "max_epochs" in trainer.pairs and plain(trainer.pairs["max_epochs"]) is not None:
        fields.take("epochs", trainer.pairs["max_epochs"], int)
    seed = pairs.get("seed_everything")
    if seed is not None and not isinstance(plain(seed), bool):
        fields.take("seed", seed, int)
    for section in ("model", "data"):
        inner = _arguments(pairs.get(section))
        for names, field, kind in ((RATE_NAMES, "learning_rate", float), (("weight_decay", "wd"), "weight_decay",
        float),
                                   (("batch_size", "train_batch_size"), "batch_size", int),
                                   (("num_classes", "n_classes"), "head", int), (("momentum",), "momentum", float),
                                   (("image_size", "img_size", "input_size"), "input_size", int),
                                   (("arch", "model_name", "backbone", "architecture"), "model", str)):  # fmt: skip
            for name in names:
                if name in inner and plain(inner[name]) is not None:
                    fields.take(field, inner[name], kind)
        for name in WEIGHT_FLAGS:
            if name in inner:
                value = plain(inner[name])
                fields.know("weights", "imagenet" if value is True else str(value or "none"), inner[name].at)
    _optimizer(pairs.get("optimizer"), fields)
    schedule = pairs.get("lr_scheduler")
    if isinstance(schedule, Table) and isinstance(path := plain(schedule.pairs.get("class_path")), str):
        short = path.rpartition(".")[2]
        fields.know("schedule", schedules.canonical(short), schedule.pairs["class_path"].at)


def _arguments(section: Value | None) -> dict[str, Value]:
    if not isinstance(section, Table):
        return {}
    inner = section.pairs.get("init_args", section)
    return inner.pairs if isinstance(inner, Table) else {}


def _optimizer(section: Value | None, fields: Fields) -> None:
    if not isinstance(section, Table) or not isinstance(path := plain(section.pairs.get("class_path")), str):
        return
    at = section.pairs["class_path"].at
    name = optimizers.canonical(path.rpartition(".")[2])
    entry, given = optimizers.find(name), _arguments(section)
    usual = entry.defaults if entry else optimizers.Defaults()
    fields.know("optimizer", name, at)
    fields.take("learning_rate", given.get("lr"), float, default=usual.rate, at=at)
    fields.take("weight_decay", given.get("weight_decay"), float, default=usual.decay, at=at)
    if "momentum" in given:
        fields.take("momentum", given["momentum"], float)
