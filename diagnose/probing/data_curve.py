"""How much data is enough: accuracy on nested subsets, and a power law through the errors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from diagnose.model import Interval, LearningCurve
from diagnose.model.representation import FARTHEST
from diagnose.probing.features import LinearProbe

Array = NDArray[np.float64]

SHARES = (0.125, 0.25, 0.5, 1.0)
DRAWS = 5  # draws of nested subsets
RESAMPLED = 1000
LEVEL = 0.80
# On 55 published fine-tuning curves a two-parameter power law fitted on three sizes errs by 1.09 points in the mean
# at twice the size (EVIDENCE): a normal error of that mean has this deviation. It grows with each doubling.
LAW_ERROR = 0.0109 * math.sqrt(math.pi / 2)
HOLDS = 0.04  # points by which the law of the smaller sizes may miss the largest, to be trusted beyond it
FLATTEST = -0.01  # slope of log error by log size: twice the images lower the error by less than a hundredth
SMALLEST = 2.0  # images per class of the smallest subset


def linear_probe_hits(
    features: Tensor, labels: Tensor, held_features: Tensor, held_labels: Tensor, classes: int
) -> tuple[list[float], NDArray[np.float64]]:
    """Images per class, and hits (draws, sizes, held-out images), of linear probes on nested stratified subsets."""
    counts = torch.bincount(labels, minlength=classes)
    typical = float(counts[counts > 0].cpu().double().median())
    shares = [share for share in SHARES if share * typical >= SMALLEST]
    hits = np.zeros((DRAWS, len(shares), len(held_labels)))
    for draw in range(DRAWS):
        order = _stratified(labels, classes, draw)
        for column, share in enumerate(shares):
            if share == 1.0 and draw:
                hits[draw, column] = hits[0, column]  # all images are the same images in every draw
                continue
            chosen = order < share
            predicted = LinearProbe(features[chosen], labels[chosen], classes).logits(held_features).argmax(1)
            hits[draw, column] = (predicted == held_labels).cpu().double().numpy()
    return [share * typical for share in shares], hits


def _stratified(labels: Tensor, classes: int, seed: int) -> Tensor:
    """A number in 0..1 for each image: its place in a random order of its own class."""
    generator = torch.Generator().manual_seed(seed)
    place = torch.empty(len(labels))
    for number in range(classes):
        index = torch.nonzero(labels.cpu() == number)[:, 0]
        place[index] = torch.randperm(len(index), generator=generator) / max(1, len(index))
    return place.to(labels.device)


def learning_curve(
    start: str, sizes: Sequence[float], hits: NDArray[np.float64], target: float | None
) -> LearningCurve:
    """The power law through the errors, with intervals of 80% by bootstrap over draws and held-out images.

    sizes: images per class (K,). hits: (draws or seeds, K, held-out images). target: the accuracy that is wanted.
    """
    points = tuple(zip(sizes, (float(value) for value in hits.mean((0, 2))), strict=True))

    def unknown(why: str) -> LearningCurve:
        return LearningCurve(start, points, target=target, why=why)

    if len(sizes) < 3:
        return unknown(f"there are only {len(sizes)} sizes to fit")
    errors = 1 - hits.mean((0, 2))
    if errors.min() <= 0:
        return unknown("no error is left to extrapolate")
    logs = np.log(np.asarray(sizes))
    earlier = _fit(logs[:-1], errors[:-1])
    if abs(math.exp(_at(earlier, logs[-1])) - errors[-1]) > HOLDS:
        return unknown("the errors do not follow a power law")
    slope, _ = law = _fit(logs, errors)
    if slope > FLATTEST:
        return unknown("more images did not lower the error")
    laws = _resampled(logs, hits)
    # What other images of the same number would change, however far one looks; the law errs more with each doubling.
    luck = float(hits[:, -2].mean(1).std(ddof=1)) if len(hits) > 1 else 0.0
    chance, astray = np.array([[luck], [LAW_ERROR]]) * np.random.default_rng(0).standard_normal((2, len(laws)))
    largest = float(sizes[-1])
    doubled = 1 - math.exp(_at(law, math.log(2 * largest)))
    spread = np.clip(1 - np.exp(_at(laws.T, math.log(2 * largest))) + chance + astray, 0, 1)
    curve = LearningCurve(start, points, doubled, _middle(spread), target)
    if target is None:
        return curve
    return _needed(curve, law, laws, (chance, astray), target)


def _needed(curve: LearningCurve, law: Array, laws: Array, errors: tuple[Array, Array], target: float) -> LearningCurve:
    """The curve with the images per class that the target takes, where that is near enough to be known."""

    def images(law: Array, error: float) -> float:
        """Where the law reaches the error."""
        slope, height = law
        return math.exp(min(50.0, (math.log(max(error, 1e-6)) - height) / slope)) if slope < 0 else math.inf

    largest = curve.points[-1][0]
    needed = images(law, 1 - target)
    if needed > FARTHEST * largest:
        why = f"{target:.0%} lies beyond {FARTHEST:g} times the images that were measured"
        return replace(curve, why=why)
    if needed < curve.points[0][0]:
        return replace(curve, why=f"{target:.0%} is reached with fewer than {curve.points[0][0]:.0f} images per class")
    doublings = abs(math.log2(needed / largest))
    off = errors[0] + doublings * errors[1]
    drawn = [images(one, 1 - target - value) for one, value in zip(laws, off, strict=True)]
    return replace(curve, needed=needed, needed_interval=_middle(np.minimum(drawn, 1e9)))


def _fit(logs: Array, errors: Array) -> Array:
    """Slope and height of log error by log size, least squares."""
    return np.polyfit(logs, np.log(np.maximum(errors, 1e-4)), 1)


def _at(law: Array, log_size: float) -> Array:
    value: Array = law[0] * log_size + law[1]
    return value


def _resampled(logs: Array, hits: NDArray[np.float64]) -> Array:
    """Laws (RESAMPLED, 2) of resampled draws and held-out images."""
    rng = np.random.default_rng(1)
    draws, _, images = hits.shape
    laws = np.empty((RESAMPLED, 2))
    for number in range(RESAMPLED):
        weights = rng.multinomial(images, np.full(images, 1 / images)) / images
        chosen = rng.integers(draws, size=draws)
        laws[number] = _fit(logs, 1 - hits[chosen].mean(0) @ weights)
    return laws


def _middle(values: NDArray[np.float64]) -> Interval:
    low, high = np.quantile(values, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return Interval(float(low), float(high))
