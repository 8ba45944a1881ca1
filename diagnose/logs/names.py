"""What the name of a logged value means: the metric and the split, whatever tool wrote it.

Names are taken apart into words; words say the metric (loss, accuracy, learning rate, time) and the split. A name that
holds a word of another metric (f1, auc, per class, top-5 ...) isn't taken for one of these.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from diagnose.model.history import ACCURACY, LOSS, RATE, SECONDS, TEST, TOP5, TRAIN, VAL

SPLITS = {
    **dict.fromkeys(("train", "training", "trn", "tr", "fit"), TRAIN),
    **dict.fromkeys(
        ("val", "valid", "validation", "validate", "validating", "eval", "evaluation", "dev", "vld", "va"), VAL
    ),
    **dict.fromkeys(("test", "testing", "tst", "te"), TEST),
}
LOSSES = {"loss", "losses", "nll", "celoss", "crossentropy", "xent", "ce", "objective", "cost"}
ACCURACIES = {"acc", "accuracy", "acc1", "top1", "prec1", "accs", "accuracies", "precision1", "multiclassaccuracy"}
ERRORS = {"err", "error", "err1", "misclassification"}
# Words that may stand beside those without changing what they mean.
FILLING = {
    "epoch", "step", "avg", "average", "mean", "total", "running", "categorical", "sparse", "binary", "multiclass",
    "metrics", "metric", "head", "main", "global", "cls", "classification", "rate", "set", "net", "model", "cross",
    "entropy", "score", "overall", "image", "images", "dataset", "phase", "stage", "full", "1", "top", "softmax",
    "criterion", "1acc", "at", "cur", "current", "this", "the", "of", "on", "per", "value", "final", "accuracy", "loss",
    "smoothed", "all", "micro", "n", "percent", "pct", "dataloader", "idx", "0", "finetuning", "finetune",
    "pretraining", "pretrain", "classifier", "box", "dfl", "obj",
}  # fmt: skip
BETTER_LEFT = {
    "best",
    "max",
    "min",
    "highest",
    "lowest",
    "ema",
    "target",
    "initial",
    "delta",
    "improvement",
    "patience",
}
# Columns that say of which split, or of which metric, a whole row is, and that one's number.
OF_SPLIT = {"split", "phase", "mode", "stage", "subset", "set", "partition", "loader", "dataset"}
OF_METRIC = {"metric", "name", "key", "tag", "variable", "measure"}
OF_VALUE = {"value", "val", "scalar"}
FIVES = {"top5", "acc5", "prec5"}
TIMES = {"time", "seconds", "secs", "sec", "duration", "elapsed", "runtime"}
PLACES = {
    **dict.fromkeys(("epoch", "epochs", "ep"), "epoch"),
    **dict.fromkeys(("step", "steps", "iter", "iteration", "iterations", "batch", "globalstep", "numupdates"), "step"),
}
BEFORE_PLACES = {"trainer", "train", "current", "cur", "global", "num", "n"}


@dataclass(frozen=True)
class Named:
    """What a name means. split: "" where it doesn't say. by_step: it is of single steps, as Lightning names them.
    inverted: an error rate, of which the accuracy is one minus it."""

    metric: str
    split: str = ""
    by_step: bool = False
    inverted: bool = False


def words(name: str) -> list[str]:
    """The words of a name, in lower case: valLoss, val_loss, Val Loss and val/loss are the same two."""
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    name = re.sub(r"(?i)\b(top|acc|prec|precision|err|hit)[\s_@-]*([15])\b", r"\1\2", name.replace("_", " "))
    name = re.sub(r"(?i)\baccuracy\s*(?:@|top\s*-?)?\s*(top)?-?([15])\b", r"top\2", name)
    name = re.sub(r"(?i)\b(?:accuracy|acc)\s+(top[15])\b", r"\1", name)
    return [word.lower() for word in re.findall(r"[A-Za-z]+\d*|\d+", name)]


def place_of(name: str) -> str | None:
    """ "epoch" or "step" where a column counts those; None for another."""
    found = words(name)
    joined = "".join(found)
    if joined in PLACES:
        return PLACES[joined]
    if found and found[-1] in PLACES and set(found[:-1]) <= BEFORE_PLACES:
        return PLACES[found[-1]]
    return None


def named(name: str) -> Named | None:
    """What the name of a value means; None for a metric that isn't looked at."""
    found = words(name)
    have = set(found)
    if have & BETTER_LEFT:
        return None
    splits = list(dict.fromkeys(SPLITS[word] for word in found if word in SPLITS))
    if len(splits) > 1:
        return None
    split = splits[0] if splits else ""
    rest = [word for word in found if word not in SPLITS]
    left = set(rest)
    if "lr" in left or {"learning", "rate"} <= left or re.fullmatch(r"(?:lr|pg)\d*", "".join(rest[:1])):
        return Named(RATE, "") if not left & {"scale", "decay", "factor", "mult"} else None
    if left & FIVES and not left & LOSSES:
        return Named(TOP5, split)
    if left & TIMES:
        # Only of an epoch, or of nothing else: samples per second and the time of a batch aren't.
        known = TIMES | FILLING | {"s", "in"}
        return Named(SECONDS, "") if left <= known and not left & {"step", "per"} else None
    by_step = "step" in left
    for metric, own, inverted in ((LOSS, LOSSES, False), (ACCURACY, ACCURACIES, False), (ACCURACY, ERRORS, True)):
        if left & own and left <= own | FILLING:
            if inverted and left & {"mean", "squared", "absolute"}:
                return None
            return Named(metric, split, by_step, inverted)
    return None


def of_row(texts: Mapping[str, str]) -> tuple[str, str]:
    """The split and the metric that the texts of a row, by column, give for its numbers; "" where they don't."""
    split = metric = ""
    for name, text in texts.items():
        column = "".join(words(name))
        if column in OF_SPLIT and text.strip().lower() in SPLITS:
            split = text.strip()
        elif column in OF_METRIC and named(text):
            metric = text.strip()
    return split, metric


def label_of(name: str, split: str, metric: str) -> str | None:
    """The name of a value in a row of which `of_row` says this; None for a value that isn't looked at."""
    if metric and "".join(words(name)) in OF_VALUE:
        name = metric
    known = named(name)
    if known is None:
        return None
    return f"{split} {name}" if split and not known.split else name
