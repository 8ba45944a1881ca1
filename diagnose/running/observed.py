"""What a run showed, as fields of the configuration: what reading left open is filled, what differs is overridden."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from diagnose.catalogue import losses, optimizers
from diagnose.model import IMAGENET_MEAN, IMAGENET_STD, UNIT_STEP, Config, Location, Setting
from diagnose.model.config import LOADED
from diagnose.model.pixels import Pixels
from diagnose.model.run import Contradiction, Run, SeenFeed

ACTIVATIONS = {"probabilities": "softmax", "log-probabilities": "log_softmax", "logits": "none"}
# Fields that a run overrides where the text gives another value; the others are filled only where they are unknown.
# What scales the pixels is seen behind everything, in a network's own layers too, and so never overrides.
OVERRIDDEN = (
    "optimizer",
    "learning_rate",
    "momentum",
    "weight_decay",
    "batch_size",
    "shuffle",
    "head",
    "loss",
    "output_activation",
    "input_size",
)
MOSTLY = 0.5  # share of the parameters that were loaded
TOLERANCE = 0.01  # of a number


def configured(run: Run, config: Config | None) -> tuple[Config, Run]:
    """The configuration as read and observed, and the run with what contradicts the reading."""
    base = config or Config()
    changes: dict[str, Setting[Any]] = {}
    differ = []
    read = {"mean", "std", "scaling"} - {name for name in ("mean", "std", "scaling") if not getattr(base, name).known}
    for name, value, place in fields(run):
        if name in ("mean", "std", "scaling") and read:
            continue  # the three belong together, and these may be in other units
        before: Setting[Any] = getattr(base, name)
        seen = Setting(value, True, *_at(place, before), why="", observed=True)
        if not before.known:
            changes[name] = seen
        elif (name in OVERRIDDEN or (value == LOADED and before.value == "none")) and not _alike(before.value, value):
            changes[name] = seen
            differ.append(Contradiction(name, _word(before.value), _word(value), before.location))
    return replace(base, **changes), replace(run, contradictions=tuple(differ))


def _at(place: Location | None, before: Setting[Any]) -> tuple[str | None, int | None, int | None]:
    if place is not None:
        return place.file, place.line, place.cell
    return before.file, before.line, before.cell


def fields(run: Run) -> Iterator[tuple[str, Any, Location | None]]:
    """Each field of the configuration that the run showed: name, value, and the line where that was made."""
    if run.network is None or not run.steps:
        return
    if run.network.outputs and run.network.outputs > 1:
        yield "head", run.network.outputs, None
    yield from _of_network(run)
    yield from _of_optimizer(run)
    if run.loss is not None and (loss := losses.find(run.loss.name)) is not None:
        yield "loss", loss.name, run.loss.location
        if run.loss.given in ACTIVATIONS and loss.name in ("cross_entropy", "nll"):
            yield "output_activation", ACTIVATIONS[run.loss.given], run.loss.location
    training = next((feed for feed in run.feeds if feed.part == "training"), None)
    if training is not None:
        yield from _of_training(training)
    held_out = next((feed for feed in run.feeds if feed.part == "validation"), None)
    if held_out is not None and (side := _side(held_out)):
        yield "val_input_size", side, held_out.location
    if run.seed is not None:
        yield "seed", run.seed, None


def _of_network(run: Run) -> Iterator[tuple[str, Any, Location | None]]:
    network = run.network
    assert network is not None
    if network.factory:
        yield "model", network.factory, None
    if network.pretrained > MOSTLY:
        yield "weights", LOADED, run.arrivals[-1].location if run.arrivals else None
    elif network.pretrained == 0 and not run.arrivals and not any("weights" in text for text in run.substitutes):
        yield "weights", "none", None


def _of_optimizer(run: Run) -> Iterator[tuple[str, Any, Location | None]]:
    if len(run.optimizers) != 1:
        return
    one = run.optimizers[0]
    entry = optimizers.find(one.name)
    if entry is None:
        return
    yield "optimizer", entry.name, one.location
    if one.groups > 1:
        return
    options = dict(one.options)
    if one.learning_rate is not None and one.learning_rate > 0:
        yield "learning_rate", one.learning_rate, one.location
    if "momentum" in options and entry.momentum:
        yield "momentum", options["momentum"], one.location
    if "weight_decay" in options:
        yield "weight_decay", options["weight_decay"], one.location


def _of_training(feed: SeenFeed) -> Iterator[tuple[str, Any, Location | None]]:
    if feed.batch_size:
        yield "batch_size", feed.batch_size, feed.location
    if feed.drop_last is not None:
        yield "drop_last", feed.drop_last, feed.location
    if feed.order:
        yield "shuffle", feed.order == "shuffled", feed.location
    if side := _side(feed):
        yield "input_size", side, feed.location
    if feed.pixels is not None:
        yield from _of_pixels(feed.pixels, feed.location)


def _of_pixels(pixels: Pixels, place: Location | None) -> Iterator[tuple[str, Any, Location | None]]:
    scale = pixels.scale
    scaling: tuple[str, ...] = () if scale == "0..255" else (UNIT_STEP,)
    if scale in ("0..255", "0..1"):
        mean: tuple[float, ...] = ()
        std: tuple[float, ...] = ()
    elif scale == "-1..1":
        mean = std = (0.5, 0.5, 0.5)
    elif scale == "imagenet":
        mean, std = IMAGENET_MEAN, IMAGENET_STD
    elif pixels.slope and pixels.offset:
        std = tuple(round(1 / (255 * slope), 3) for slope in pixels.slope)
        mean = tuple(
            round(-offset / (255 * slope), 3) for slope, offset in zip(pixels.slope, pixels.offset, strict=True)
        )
        if not all(0.02 < one < 1 for one in std) or not all(0 <= one <= 1 for one in mean):
            return
    else:
        return
    yield "scaling", scaling, place
    yield "mean", mean, place
    yield "std", std, place


def _side(feed: SeenFeed) -> int | None:
    shape = feed.image_shape
    if len(shape) != 3:
        return None
    height, width = (shape[1], shape[2]) if shape[0] <= 4 else (shape[0], shape[1])
    return height if height == width else None


def _alike(read: Any, seen: Any) -> bool:
    if isinstance(read, float | int) and isinstance(seen, float | int) and not isinstance(read, bool):
        return abs(read - seen) <= TOLERANCE * max(abs(read), abs(seen))
    return bool(read == seen)


def _word(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
