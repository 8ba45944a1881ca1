"""The configured loss of the network's outputs, and the probabilities that these outputs stand for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from diagnose.probing.device import constant
from diagnose.probing.recipe import Recipe

LEAST = 1e-7  # Keras's epsilon, by which probabilities keep away from 0 and 1
SMALLEST_SHARE = 1e-3  # of the sum, that an output of a regression is taken for as a probability
BINARY = ("bce", "bce_with_logits", "binary_crossentropy", "multilabel_soft_margin", "sigmoid_focal")
Distance = Callable[[Tensor, Tensor], Tensor]
DISTANCES: dict[str, Distance] = {
    "mse": F.mse_loss,
    "l1": F.l1_loss,
    "smooth_l1": F.smooth_l1_loss,
    "huber": F.huber_loss,
}
FOCAL_GAMMA, FOCAL_ALPHA = 2.0, 0.25  # Lin et al. 2017; torchvision's and Keras's defaults


def training_loss(outputs: Tensor, labels: Tensor, recipe: Recipe) -> Tensor:
    """The loss of outputs (N, C) in 32 bits.

    labels: class numbers (N,), or shares of each class (N, C) where images are mixed. A single output (C = 1) is for
    the second of two classes.
    """
    options: dict[str, Any] = dict(recipe.loss_options)
    smoothing = float(options.get("label_smoothing", 0.0))
    weights = options.get("class_weights")
    weight = constant(tuple(weights), outputs.device) if weights else None
    given = activated(outputs, recipe.output_activation)
    if recipe.loss == "cross_entropy":
        return F.cross_entropy(given, labels, weight=weight, label_smoothing=smoothing)
    if recipe.loss == "nll" and labels.ndim == 1:
        return F.nll_loss(given, labels, weight=weight)
    if recipe.loss == "multi_margin":  # of mixed images the larger part
        return F.multi_margin_loss(given, labels if labels.ndim == 1 else labels.argmax(1), weight=weight)
    rows = one_hot(labels, given.shape[1], given.dtype)
    if recipe.loss in BINARY:
        rows = rows * (1 - smoothing) + smoothing / 2
        return _binary(given, rows, recipe.loss, options, weight)
    if recipe.loss in DISTANCES:
        return DISTANCES[recipe.loss](given, rows)
    rows = rows * (1 - smoothing) + smoothing / given.shape[1]
    gamma = float(options.get("gamma", FOCAL_GAMMA))
    match recipe.loss:
        case "nll":
            return -(rows * given).sum(1).mean()
        case "focal":  # of softmax: Lin et al. 2017 for several classes
            log = given.log_softmax(1)
            losses = -(rows * (1 - log.exp()) ** gamma * log).sum(1)
            return float(options.get("alpha", 1.0)) * losses.mean()
        case "categorical_crossentropy" | "kl_divergence":
            return -(rows * _as_keras(given).log()).sum(1).mean()
        case "categorical_focal_crossentropy":
            chance = _as_keras(given)
            losses = -(rows * (1 - chance) ** gamma * chance.log()).sum(1)
            return float(options.get("alpha", FOCAL_ALPHA)) * losses.mean()
    raise ValueError(f"{recipe.loss} cannot be trained with here")


def _binary(given: Tensor, rows: Tensor, loss: str, options: dict[str, Any], weight: Tensor | None) -> Tensor:
    """The mean over images and outputs of a loss that takes each output by itself."""
    match loss:
        case "bce":
            return F.binary_cross_entropy(given, rows, weight=weight)
        case "binary_crossentropy":
            return F.binary_cross_entropy(given.clamp(LEAST, 1 - LEAST), rows)
        case "sigmoid_focal":
            plain = F.binary_cross_entropy_with_logits(given, rows, reduction="none")
            chance = given.sigmoid()
            right = chance * rows + (1 - chance) * (1 - rows)
            alpha = float(options.get("alpha", FOCAL_ALPHA))
            focal = plain * (1 - right) ** float(options.get("gamma", FOCAL_GAMMA))
            return ((alpha * rows + (1 - alpha) * (1 - rows)) * focal if alpha >= 0 else focal).mean()
        case _:  # with logits, or several labels: the same mean
            return F.binary_cross_entropy_with_logits(given, rows, pos_weight=weight)


def _as_keras(given: Tensor) -> Tensor:
    """Outputs as Keras's crossentropies take them for probabilities: divided by their sum, kept from 0 and 1."""
    return (given / given.sum(1, keepdim=True)).clamp(LEAST, 1 - LEAST)


def one_hot(labels: Tensor, width: int, kind: torch.dtype) -> Tensor:
    """Labels as rows (N, width); those of a single output are the second class's share, or the number itself."""
    if width == 1:
        return (labels if labels.ndim == 1 else labels[:, 1]).to(kind)[:, None]
    return F.one_hot(labels, width).to(kind) if labels.ndim == 1 else labels.to(kind)


def activated(outputs: Tensor, activation: str) -> Tensor:
    """The outputs as the configured loss sees them. Raises ValueError for an activation that is not known."""
    match activation:
        case "none":
            return outputs
        case "softmax":
            return outputs.softmax(1)
        case "log_softmax":
            return outputs.log_softmax(1)
        case "sigmoid":
            return outputs.sigmoid()
        case "log_sigmoid":
            return F.logsigmoid(outputs)
        case "relu":
            return outputs.relu()
        case "tanh":
            return outputs.tanh()
    raise ValueError(f"{activation} isn't an activation that is known here")


def log_probabilities(outputs: Tensor, recipe: Recipe) -> Tensor:
    """(N, classes) of what a network that trains with this loss means by its outputs (N, C).

    Softmax for the losses of classes; for those that take each output by itself the sigmoids, divided by their sum;
    for distances to one-hot labels the outputs themselves, kept positive, divided by their sum.
    """
    if outputs.shape[1] == 1:
        if recipe.loss in BINARY or recipe.output_activation == "sigmoid":
            return torch.cat((F.logsigmoid(-outputs), F.logsigmoid(outputs)), 1)
        second = activated(outputs, recipe.output_activation).clamp(SMALLEST_SHARE, 1 - SMALLEST_SHARE)
        return torch.cat((1 - second, second), 1).log()
    if recipe.output_activation == "softmax" or recipe.loss not in (*BINARY, *DISTANCES):
        return outputs.log_softmax(1)
    if recipe.loss in BINARY or recipe.output_activation == "sigmoid":
        return F.logsigmoid(outputs).log_softmax(1)  # the logarithm of each sigmoid over their sum
    shares = activated(outputs, recipe.output_activation).clamp_min(SMALLEST_SHARE)
    return (shares / shares.sum(1, keepdim=True)).log()
