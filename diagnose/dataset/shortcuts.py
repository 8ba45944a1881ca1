"""Can metadata alone predict the class? Size, format, border, bars, brightness, blocks of an earlier encoder, order of
the files.

Each group of attributes predicts the class of images that it wasn't fitted on (five folds), with a naive Bayes
classifier on histograms, so that any dependence of an attribute on the class shows, linear or not. The accuracy is
averaged over classes, so that chance is 1 / classes even for unequal classes. A cue to a single class, which that mean
hides, is measured class by class.
"""

from __future__ import annotations

import sqlite3

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from diagnose.dataset.surround import surroundings
from diagnose.dataset.table import GREY, IN_FULL, USABLE, codes, numbers
from diagnose.model import Interval, Shortcut
from diagnose.model.intervals import wilson

FOLDS = 5
BINS = 32  # of a number, by its quantiles; fewer for few images
FEWEST = 20  # images per class; with fewer, cross-validation is meaningless
MOST = 40_000  # images, sampled uniformly
SMOOTH = 1.0  # Laplace smoothing: added to the count of a bin
CONFIDENCE = 1.96
UNSURE = 0.05  # error probability of all bounds of single classes together
NAMED = 5  # classes

EVEN = 6.0  # levels of deviation, below which a border is a frame or a plain background and not part of a scene
COLOURS = ("red", "green", "blue")
GROUPS = {
    "size": ("width", "height", "1.0 * width / height"),
    "format": ("format", "mode", "tables", "orientation"),
    "border": tuple(f"CASE WHEN rim_spread < {EVEN} THEN round(rim_{one}) ELSE -1 END" for one in COLOURS),
    "bars": ("letterbox", "pillarbox"),
    "brightness": ("brightness", "contrast"),
    "colour": ("red - blue", "green - 0.5 * (red + blue)"),
    "bytes": ("1.0 * file_bytes / (width * height)",),
    "grey": (f"chroma < {GREY}",),
    "sharpness": (f"CASE WHEN {IN_FULL} THEN sharpness END",),
    "blocks": (f"CASE WHEN {IN_FULL} THEN blocks END",),
    "surround": ("thumbnail",),
    "middle": ("thumbnail",),  # compared with the surroundings
    "order": ("place",),
}
CATEGORIES = ("format",)  # groups whose values have no order
PLACES = {"surround": slice(0, 3), "middle": slice(3, 6)}  # columns of `surroundings`


def shortcuts(db: sqlite3.Connection, split: str, ordered: bool) -> tuple[Shortcut, ...]:
    """How well each group predicts the classes of a split. ordered: whether the source has its own order, as a manifest
    or a shard has and a folder hasn't."""
    where = "{} AND split = '{}'".format(USABLE, split.replace("'", "''"))
    labels, names = codes(db, "label", where)
    kept = _kept(labels)
    if kept is None:
        return ()
    labels = labels[kept]
    around = surroundings(db, where, kept)
    found = []
    for group, columns in GROUPS.items():
        if group == "order":
            if not ordered:
                continue
            values = np.flatnonzero(kept).astype(np.float64)[:, None]
        elif group in PLACES:
            values = around[:, PLACES[group]]
        elif group in CATEGORIES:
            values = np.stack([codes(db, column, where)[0] for column in columns], axis=1).astype(np.float64)[kept]
        else:
            values = numbers(db, *columns, where=where)[kept].astype(np.float64)
        known = _known(values, labels)
        if (values[known] == values[known][:1]).all():
            continue  # equal in all images
        classes, own = np.unique(labels[known], return_inverse=True)
        bins = _binned(values[known], group in CATEGORIES)
        guess = predicted(bins, own, len(classes))
        found.append(_shortcut(group, guess, own, tuple(str(names[number][0]) for number in classes)))
    return tuple(sorted(found, key=lambda one: -one.accuracy))


def _kept(labels: NDArray[np.int64]) -> NDArray[np.bool_] | None:
    """Which images are used: those of large enough classes, sampled uniformly; None if too few classes are left."""
    counts = np.bincount(labels)
    kept = counts[labels] >= FEWEST
    if (counts >= FEWEST).sum() < 2:
        return None
    if kept.sum() > MOST:
        places = np.flatnonzero(kept)
        kept = np.zeros_like(kept)
        kept[np.random.default_rng(0).choice(places, MOST, replace=False)] = True
        return kept if (np.bincount(labels[kept]) >= FEWEST // 2).sum() > 1 else None
    return kept


def _known(values: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which images a group uses: all, or for an attribute measured on a sample only, those of large enough classes."""
    known = np.asarray(np.isfinite(values).all(1))
    if not known.all():
        counts = np.bincount(labels[known], minlength=int(labels.max()) + 1)
        enough = counts >= FEWEST
        known &= enough[labels] & (enough.sum() > 1)
    return known


def _binned(values: NDArray[np.float64], categories: bool) -> NDArray[np.int64]:
    """Each column's values as bin numbers; each value has its own bin if there are few distinct ones."""
    most = max(2, min(BINS, int(len(values) ** 0.5)))
    bins = np.empty(values.shape, np.int64)
    for column, own in enumerate(values.T):
        unique, places = np.unique(own, return_inverse=True)
        if categories or len(unique) <= most:
            bins[:, column] = places
        else:
            edges = np.unique(np.quantile(own, np.linspace(0, 1, most + 1)[1:-1]))
            bins[:, column] = np.searchsorted(edges, own, side="right")
    return bins


def predicted(bins: NDArray[np.int64], labels: NDArray[np.int64], classes: int) -> NDArray[np.int64]:
    """The class of each image (bins: images, attributes), predicted by a naive Bayes not fitted on it, with a uniform
    prior. Bins come from all images; the labels, which could leak, only from the other folds."""
    folds = np.empty(len(labels), np.int64)
    order = np.lexsort((np.random.default_rng(0).random(len(labels)), labels))
    folds[order] = np.arange(len(labels)) % FOLDS  # every class in every fold
    guess = np.empty(len(labels), np.int64)
    for fold in range(FOLDS):
        held = folds == fold
        score = np.zeros((int(held.sum()), classes))
        for own in bins.T:
            most = int(own.max()) + 1
            counts = np.bincount(labels[~held] * most + own[~held], minlength=classes * most).reshape(classes, most)
            share = (counts + SMOOTH) / (counts.sum(1, keepdims=True) + SMOOTH * most)
            score += np.log(share).T[own[held]]
        # Ties, as between classes without evidence, are broken at random.
        guess[held] = (score + 1e-9 * np.random.default_rng(fold).random(score.shape)).argmax(1)
    return guess


def _shortcut(group: str, guess: NDArray[np.int64], labels: NDArray[np.int64], names: tuple[str, ...]) -> Shortcut:
    hits = guess == labels
    counts = np.bincount(labels)
    own = np.bincount(labels, weights=hits) / counts
    accuracy = float(own.mean())
    smooth = (own * counts + 1) / (counts + 2)  # so that 100% hits still leave some uncertainty
    half = CONFIDENCE * float(np.sqrt((smooth * (1 - smooth) / counts).sum())) / len(own)
    surest = tuple((names[number], float(own[number])) for number in np.argsort(-own, kind="stable")[:NAMED])
    interval = Interval(max(0.0, accuracy - half), min(1.0, accuracy + half))
    alone = _alone(guess, labels, names)
    return Shortcut(group, accuracy, interval, 1 / len(own), len(labels), surest, alone)


def _alone(
    guess: NDArray[np.int64], labels: NDArray[np.int64], names: tuple[str, ...]
) -> tuple[tuple[str, float], ...]:
    """(class, lower bound of Youden's J) of each class against all others; the surest few, for 3 classes or more."""
    if len(names) < 3:
        return ()
    z = float(ndtri(1 - UNSURE / (2 * len(names) * len(GROUPS))))
    counts = np.bincount(labels, minlength=len(names))
    hits = np.bincount(labels, weights=guess == labels, minlength=len(names))
    taken = np.bincount(guess, minlength=len(names)) - hits
    found = []
    for number, name in enumerate(names):
        others = len(labels) - int(counts[number])
        sensitivity = wilson(float(hits[number]), int(counts[number]), z).low
        specificity = wilson(float(others - taken[number]), others, z).low
        found.append((name, max(0.0, sensitivity + specificity - 1)))
    return tuple(sorted(found, key=lambda one: -one[1])[:NAMED])
