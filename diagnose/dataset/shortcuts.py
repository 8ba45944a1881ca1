"""Can something that is not the content tell the class? Size, format, border, bars, brightness, blocks of an earlier
encoder, order of the files.

Each group of attributes predicts the class of images that it was not fitted on (five folds), by a naive Bayes
classifier on histograms: any dependence of an attribute on the class shows, also one that is not linear. The accuracy
is the mean over classes, so that chance is 1 / classes however unequal they are. A cue of one class alone, which that
mean hides, is measured class by class.
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
FEWEST = 20  # images a class; below, no cross-validation says anything
MOST = 40_000  # images, drawn evenly
SMOOTH = 1.0  # Laplace's count for a bin
CONFIDENCE = 1.96
UNSURE = 0.05  # of all bounds of single classes together
NAMED = 5  # classes

EVEN = 6.0  # levels of deviation, below which a border is a frame or a plain ground and not part of a scene
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
    "middle": ("thumbnail",),  # what the surroundings are held against
    "order": ("place",),
}
CATEGORIES = ("format",)  # groups whose values have no order
PLACES = {"surround": slice(0, 3), "middle": slice(3, 6)}  # of what `surroundings` measures


def shortcuts(db: sqlite3.Connection, split: str, ordered: bool) -> tuple[Shortcut, ...]:
    """How well each group tells the classes of a split. ordered: whether the source has an order of its own, as a
    manifest or a shard has and a folder has not."""
    where = "{} AND split = '{}'".format(USABLE, split.replace("'", "''"))
    labels, names = codes(db, "label", where)
    kept = _kept(labels)
    if kept is None:
        return ()
    labels = labels[kept]
    around = surroundings(db, where, kept)
    told = []
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
            continue  # alike in all images
        classes, own = np.unique(labels[known], return_inverse=True)
        bins = _binned(values[known], group in CATEGORIES)
        guess = predicted(bins, own, len(classes))
        told.append(_told(group, guess, own, tuple(str(names[number][0]) for number in classes)))
    return tuple(sorted(told, key=lambda one: -one.accuracy))


def _kept(labels: NDArray[np.int64]) -> NDArray[np.bool_] | None:
    """Which images are looked at: those of classes with enough of them, thinned evenly; None where too few classes."""
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
    """Which images a group looks at: all, or, of what only a sample was measured for, those of classes with enough."""
    known = np.asarray(np.isfinite(values).all(1))
    if not known.all():
        counts = np.bincount(labels[known], minlength=int(labels.max()) + 1)
        enough = counts >= FEWEST
        known &= enough[labels] & (enough.sum() > 1)
    return known


def _binned(values: NDArray[np.float64], categories: bool) -> NDArray[np.int64]:
    """Each column's values as the numbers of their bins; a bin is a value where there are few different ones."""
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
    """The class of each image (bins: images, attributes) by a naive Bayes that did not see it, classes equally likely.
    Bins come from all images; the labels, which could leak, are only those of the other folds."""
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
        # Ties, as where nothing is known, go to a class by chance.
        guess[held] = (score + 1e-9 * np.random.default_rng(fold).random(score.shape)).argmax(1)
    return guess


def _told(group: str, guess: NDArray[np.int64], labels: NDArray[np.int64], names: tuple[str, ...]) -> Shortcut:
    hits = guess == labels
    counts = np.bincount(labels)
    own = np.bincount(labels, weights=hits) / counts
    accuracy = float(own.mean())
    smooth = (own * counts + 1) / (counts + 2)  # so that nothing but hits does not mean no doubt
    half = CONFIDENCE * float(np.sqrt((smooth * (1 - smooth) / counts).sum())) / len(own)
    surest = tuple((names[number], float(own[number])) for number in np.argsort(-own, kind="stable")[:NAMED])
    interval = Interval(max(0.0, accuracy - half), min(1.0, accuracy + half))
    alone = _alone(guess, labels, names)
    return Shortcut(group, accuracy, interval, 1 / len(own), len(labels), surest, alone)


def _alone(
    guess: NDArray[np.int64], labels: NDArray[np.int64], names: tuple[str, ...]
) -> tuple[tuple[str, float], ...]:
    """(class, lower bound of Youden's J) of each class against all others; the surest few of more than two classes."""
    if len(names) < 3:
        return ()
    z = float(ndtri(1 - UNSURE / (2 * len(names) * len(GROUPS))))
    counts = np.bincount(labels, minlength=len(names))
    hits = np.bincount(labels, weights=guess == labels, minlength=len(names))
    taken = np.bincount(guess, minlength=len(names)) - hits
    found = []
    for number, name in enumerate(names):
        others = len(labels) - int(counts[number])
        told = wilson(float(hits[number]), int(counts[number]), z).low
        left = wilson(float(others - taken[number]), others, z).low
        found.append((name, max(0.0, told + left - 1)))
    return tuple(sorted(found, key=lambda one: -one[1])[:NAMED])
