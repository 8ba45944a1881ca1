"""The configured optimizer over the network's parameters, in groups where rates or decays differ."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import torch
from torch import nn

from diagnose.catalogue import optimizers
from diagnose.catalogue.optimizer import ANY_OPTIMIZER
from diagnose.probing.lion import Lion
from diagnose.probing.recipe import Recipe

OWN: dict[str, type[torch.optim.Optimizer]] = {"lion": Lion}  # those that torch does not have


def optimizer_for(
    recipe: Recipe, parameters: Sequence[nn.Parameter], head: Collection[nn.Parameter] = ()
) -> torch.optim.Optimizer:
    """The configured optimizer, with torch's defaults for what the recipe does not hold.

    head: the parameters of the head among them, for a backbone with a learning rate of its own. Each group has a
    `share` of the rate of a step. Raises ValueError for an optimizer that the probes cannot train with.
    """
    entry = optimizers.find(recipe.optimizer)
    if entry is None or entry.unsupported:
        raise ValueError(
            f"the probes cannot train with {recipe.optimizer}: {entry.unsupported if entry else 'unknown'}"
        )
    options: dict[str, Any] = {name: value for name, value in recipe.optimizer_options if name not in ANY_OPTIMIZER}
    if entry.momentum:
        options["momentum"] = recipe.momentum
    if entry.decay:
        options["weight_decay"] = recipe.weight_decay
    if options.get("nesterov") and not recipe.momentum:
        del options["nesterov"]  # torch refuses it without a momentum; Keras lets it be without effect
    make: Callable[..., torch.optim.Optimizer] = OWN.get(entry.name) or getattr(torch.optim, entry.torch)
    return make(_groups(recipe, parameters, head, entry.decay), lr=recipe.learning_rate, **options)


def _groups(
    recipe: Recipe, parameters: Sequence[nn.Parameter], head: Collection[nn.Parameter], decays: bool
) -> list[dict[str, Any]]:
    """Parameters of one share of the rate and one decay each."""
    options: dict[str, Any] = dict(recipe.optimizer_options)
    share = float(options.get("backbone_rate", recipe.learning_rate)) / recipe.learning_rate
    spared = bool(options.get("undecayed")) and decays
    in_head = {id(parameter) for parameter in head}
    groups: dict[tuple[float, bool], list[nn.Parameter]] = {}
    for parameter in parameters:
        key = (1.0 if id(parameter) in in_head else share, spared and parameter.ndim <= 1)
        groups.setdefault(key, []).append(parameter)
    return [
        {"params": held, "share": one, "lr": recipe.learning_rate * one, **({"weight_decay": 0.0} if without else {})}
        for (one, without), held in groups.items()
    ]


def limit_gradients(recipe: Recipe, parameters: Sequence[nn.Parameter]) -> None:
    """Clips gradients as configured, by their common norm or each value by itself."""
    options: dict[str, Any] = dict(recipe.optimizer_options)
    if "clip_norm" in options:
        nn.utils.clip_grad_norm_(parameters, float(options["clip_norm"]))
    if "clip_value" in options:
        nn.utils.clip_grad_value_(parameters, float(options["clip_value"]))
