"""What the model is like: its accuracy by class, its calibration, its slices and its surest errors."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import special

from diagnose.autopsy.job import Attribute
from diagnose.model import LEVEL, ConfusedPair, Interval, Paired, newcombe, wilson
from diagnose.model.checkpoint import Character, Slice, SureError

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

BINS = 15  # of the calibration error (Guo et al. 2017, "On Calibration of Modern Neural Networks")
COLDEST, HOTTEST, STEPS = -3.0, 3.0, 60  # of the logarithm of the temperature, and steps of the search
TOP = 5
FEWEST = 20  # images of a slice
MOST_CLASSES = 30  # of a confusion matrix that is kept
PAIRS, ERRORS, SLICES = 5, 12, 8
SURE = 0.9
THUMBNAIL = 96


def probabilities(outputs: Floats, temperature: float = 1.0) -> Floats:
    """(N, classes) of logits, of probabilities as they are, or of one logit for two classes."""
    if outputs.shape[1] == 1:
        outputs = np.concatenate([np.zeros_like(outputs), outputs], axis=1)
    elif are_probabilities(outputs):
        outputs = np.log(np.clip(outputs, 1e-12, None))
    found: Floats = special.softmax(
        np.nan_to_num(outputs.astype(np.float64), posinf=1e30, neginf=-1e30) / temperature, axis=1
    )
    return found


def are_probabilities(outputs: Floats) -> bool:
    """Whether the rows are not negative and sum to one."""
    return bool((outputs >= 0).all() and np.abs(outputs.sum(1) - 1).max() < 1e-3)


def calibration_error(chances: Floats, hits: Floats) -> float:
    """The expected calibration error: of 15 bins, the mean gap between confidence and accuracy."""
    sure = chances.max(1)
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    gaps = [
        abs(hits[bins == one].mean() - sure[bins == one].mean()) * (bins == one).mean() for one in set(bins.tolist())
    ]
    return float(sum(gaps))


def temperature(outputs: Floats, labels: Numbers) -> float:
    """That minimises the cross-entropy of the labels (golden-section search on its logarithm)."""

    def loss(logarithm: float) -> float:
        chances = probabilities(outputs, float(np.exp(logarithm)))
        return float(-np.log(np.clip(chances[np.arange(len(labels)), labels], 1e-12, None)).mean())

    low, high, share = COLDEST, HOTTEST, (5**0.5 - 1) / 2
    for _ in range(STEPS):
        one, other = high - share * (high - low), low + share * (high - low)
        low, high = (low, other) if loss(one) < loss(other) else (one, high)
    return float(np.exp((low + high) / 2))


def described(
    outputs: Floats,
    labels: Numbers,
    classes: tuple[str, ...],
    attributes: Sequence[Attribute],
    shown: Sequence[str],
    train: tuple[Floats, Numbers] | None,
    thumbnails: dict[int, Image.Image],
    half: int,
) -> Character:
    """All of it. outputs: (N, classes), their columns in the order of the classes; half: images whose outputs fit the
    temperature, which the others test."""
    chances = probabilities(outputs)
    answers = chances.argmax(1)
    hits = (answers == labels).astype(np.float64)
    images = len(labels)
    per_class = tuple(
        (name, int((labels == at).sum()), float(hits[labels == at].mean()) if (labels == at).any() else 0.0)
        for at, name in enumerate(classes)
    )
    matrix = np.zeros((len(classes), len(classes)), np.int64)
    np.add.at(matrix, (labels, answers), 1)
    fitted = temperature(outputs[:half], labels[:half]) if 0 < half < images else 1.0
    ranked = np.argsort(-chances, axis=1)[:, :TOP]
    accuracy = float(hits.mean())
    gap = trained = None
    trained_images = 0
    if train is not None and len(train[1]):
        trained_images = len(train[1])
        trained = float((probabilities(train[0]).argmax(1) == train[1]).mean())
        gap = newcombe((trained, trained_images), (accuracy, images))
    return Character(
        images=images,
        accuracy=accuracy,
        interval=wilson(float(hits.sum()), images),
        majority=float(np.bincount(labels, minlength=len(classes)).max() / images),
        top5=float((ranked == labels[:, None]).any(1).mean()) if len(classes) > TOP else None,
        calibration=calibration_error(chances[half:], hits[half:]),
        temperature=fitted,
        calibrated=calibration_error(probabilities(outputs[half:], fitted), hits[half:]),
        confidence=float(chances.max(1).mean()),
        train=trained,
        train_images=trained_images,
        train_gap=gap,
        per_class=per_class,
        classes=classes if len(classes) <= MOST_CLASSES else (),
        confusion=tuple(tuple(row) for row in matrix.tolist()) if len(classes) <= MOST_CLASSES else (),
        pairs=_pairs(matrix, classes),
        slices=_slices(hits, attributes),
        errors=_errors(chances, labels, classes, shown, thumbnails),
    )


def surest(outputs: Floats, labels: Numbers) -> list[int]:
    """The images on which the model is surest and at odds with the label, the surest first."""
    chances = probabilities(outputs)
    sure = chances.max(1)
    wrong = [at for at in np.argsort(-sure).tolist() if chances[at].argmax() != labels[at] and sure[at] >= SURE]
    return wrong[:ERRORS]


def _pairs(matrix: Numbers, classes: tuple[str, ...]) -> tuple[ConfusedPair, ...]:
    wrong = matrix.copy()
    np.fill_diagonal(wrong, 0)
    found = []
    for place in np.argsort(-wrong, axis=None)[:PAIRS].tolist():
        label, answer = divmod(place, len(classes))
        if wrong[label, answer] > 1:
            found.append(
                ConfusedPair(classes[label], classes[answer], int(wrong[label, answer]), int(matrix[label].sum()))
            )
    return tuple(found)


def _slices(hits: Floats, attributes: Sequence[Attribute]) -> tuple[Slice, ...]:
    """The slices whose accuracy differs most from that of all others, corrected for their number."""
    parts = []
    for attribute in attributes:
        groups = np.array(attribute.groups)
        for group in dict.fromkeys(attribute.groups):
            inside = groups == group
            if group and FEWEST <= inside.sum() <= len(hits) - FEWEST:
                parts.append((attribute.name, group, inside))
    found = [_slice(name, group, hits, inside, len(parts)) for name, group, inside in parts]
    return tuple(sorted(found, key=lambda one: one.gap.difference)[:SLICES])


def _slice(name: str, group: str, hits: Floats, inside: NDArray[np.bool_], tests: int) -> Slice:
    here, there = hits[inside], hits[~inside]
    difference = float(here.mean() - there.mean())
    pooled = hits.mean()
    error = float((pooled * (1 - pooled) * (1 / len(here) + 1 / len(there))) ** 0.5)
    p = min(1.0, 2 * float(special.ndtr(-abs(difference) / error)) * tests) if error else 1.0
    z = float(special.ndtri(1 - (1 - LEVEL) / (2 * tests)))
    interval = Interval(difference - z * error, difference + z * error)
    return Slice(name, group, len(here), float(here.mean()), Paired(difference, interval, 1, len(here), p))


def _errors(
    chances: Floats, labels: Numbers, classes: tuple[str, ...], shown: Sequence[str], thumbnails: dict[int, Image.Image]
) -> tuple[SureError, ...]:
    return tuple(
        SureError(
            shown[at] if at < len(shown) else str(at),
            classes[labels[at]],
            classes[int(chances[at].argmax())],
            float(chances[at].max()),
            _jpeg(image),
        )
        for at, image in thumbnails.items()
    )


def _jpeg(image: Image.Image) -> str:
    written = io.BytesIO()
    image.save(written, "JPEG", quality=80)
    return base64.b64encode(written.getvalue()).decode()
