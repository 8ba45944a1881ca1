"""What the probe child is asked to do: the Job, from a request and what is known by then."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from typing import TYPE_CHECKING

from diagnose.model import Config, Contrast, Dataset, InputError, Program, Setting
from diagnose.probing.job import FullRun, Goal, Job, Tune
from diagnose.probing.recipe import FACTORS, Recipe, configured_recipe
from diagnose.probing.scale import LENGTHS
from diagnose.probing.wanted import wanted_architecture

if TYPE_CHECKING:
    from diagnose.dataset.sample import Sample
    from diagnose.engine import Gathered
    from diagnose.request import Request

SHORT_RUN = LENGTHS[0]  # optimizer steps: no probe run is longer, so only shorter configured runs are run in full
NETWORK_SIZE = 224  # px, where the configuration doesn't say
OPTUNA = "optuna"  # the package that searches for a better recipe, an optional dependency


def check_tunable(request: Request) -> None:
    """Raises InputError where a search for a better recipe lacks something."""
    if request.config is None or request.data is None:
        raise InputError("--tune searches for a better recipe than yours, on your images: give DATA and --config.")
    if request.against is not None:
        raise InputError("--tune changes one configuration and --against compares two: give one of the options.")
    if not request.probes:
        raise InputError("--tune trains, which --no-probes forbids: give one of the options.")
    if importlib.util.find_spec(OPTUNA) is None:
        raise InputError("--tune needs Optuna, which is not installed: pip install 'diagnose-training[tune]'.")


def job_of(request: Request, gathered: Gathered, sample: Sample, seconds: float, cache: str | None) -> Job:
    """The job of a request. seconds: left of the budget; cache: the folder of earlier results."""
    config, code, data, contrast = gathered.config, gathered.code, gathered.dataset, gathered.contrast
    run = full_run(config, data) if config and data else None
    recipe, notes = configured_recipe(config, run.steps_per_epoch if run else None) if config else (None, ())
    arch, why = wanted_architecture(config, code, request.arch)
    notes = (*notes, *why)
    weights = config.weights.value if config and config.weights.value else "none"
    if config and not config.weights.known:
        notes = (*notes, "the config does not say `weights`, so the configured arm started from random ones")
    if recipe is not None:
        notes = (*notes, *recipe.unsupported)
        recipe = _shortened(recipe, run)
    return Job(
        classes=sample.classes,
        train=sample.train,
        val=sample.val,
        seconds=seconds,
        root=data.root if data else "",
        fingerprint=sample.fingerprint,
        split=sample.split,
        arch=request.arch,
        weights=request.weights,
        offline=request.offline,
        device=request.device,
        seed=request.seed,
        configured=recipe,
        configured_arch=arch,
        configured_weights=weights,
        notes=notes,
        goal=_goal(gathered.other, gathered.other_code, contrast, data) if gathered.other and contrast else None,
        full_run=run,
        target=config.target_accuracy.value if config else None,
        cache=cache,
        ray=request.ray,
        tune=_tune(config, code) if request.tune and config else None,
    )


def _tune(config: Config, code: Program | None) -> Tune:
    """What a search may change: in a program nothing whose value there isn't known."""
    fixed = {}
    if code is not None:
        sources = {"augmentations": "train_augmentations"}
        for name in Recipe.__dataclass_fields__:
            setting = getattr(config, sources.get(name, name), None)
            if isinstance(setting, Setting) and not setting.known:
                fixed[name] = f"not known ({setting.why})"
    if {"head_rate", "backbone_rate"} & set(dict(config.optimizer_options.value or ())):
        fixed["learning_rate"] = "head and backbone have rates of their own"
    if config.loss.value == "sparse_categorical_crossentropy":
        fixed["loss_options"] = "Keras's sparse loss takes none"
    framework = code.framework if code is not None and code.framework == "keras" else ""
    return Tune(framework or "", tuple(fixed.items()))


def full_run(config: Config, data: Dataset) -> FullRun | None:
    """What the forecast is about; None where the configuration does not say how long it trains."""
    if not (config.epochs.value and config.batch_size.value):
        return None
    held_out = data.held_out_split
    return FullRun(
        epochs=config.epochs.value,
        batch_size=config.batch_size.value,
        input_size=config.input_size.value or NETWORK_SIZE,
        train_images=data.in_split(data.train_split),
        val_images=data.in_split(held_out) if held_out else 0,
        price=config.price_per_hour.value,
        gpu_memory=config.gpu_memory.value,
    )


def _shortened(recipe: Recipe, run: FullRun | None) -> Recipe:
    """The recipe with the configured number of steps, where a probe can run all of them."""
    return replace(recipe, steps=run.steps if run and run.steps < SHORT_RUN else None)


def _goal(other: Config, code: Program | None, contrast: Contrast, data: Dataset | None) -> Goal:
    """The other configuration, and those of its differences that a short probe can measure."""
    run = full_run(other, data) if data else None
    recipe, _ = configured_recipe(other, run.steps_per_epoch if run else None)
    factors = tuple(one.factor for one in contrast.differences if one.factor in FACTORS)
    return Goal(
        recipe=_shortened(recipe, run),
        weights=other.weights.value or "none",
        arch=wanted_architecture(other, code, "")[0] or None,
        factors=factors,
    )
