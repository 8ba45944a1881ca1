"""How a program feeds its validation images, as a Feed, from what was read of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from diagnose.model import SYMMETRIC_STEP, UNIT_STEP, BgrImages, ClassesByName, Config, Location, Program, Setting
from diagnose.model.checkpoint import CHANNELS, GEOMETRY, MODE, NORMALISATION, ORDER, RANGE, Feed, Known

UNITS = {(): "0..255", (UNIT_STEP,): "0..1", (SYMMETRIC_STEP,): "-1..1",
         (UNIT_STEP, UNIT_STEP): "0..1, divided by 255 again"}  # fmt: skip
CROPS = ("center_crop", "centre_crop", "centercrop")
T = TypeVar("T")


def written(config: Config | None, program: Program | None) -> tuple[Feed, tuple[Known, ...], tuple[str, ...]]:
    """The feed, with size 0 where nothing says it; the parts that were read; and sentences about what was assumed."""
    feed, known, assumed = Feed(0), [], []
    if config is None:
        return feed, (), ()
    scaling = _either(config.val_scaling, config.scaling)
    if scaling.known and (unit := UNITS.get(tuple(scaling.value or ()))) is not None:
        feed = replace(feed, unit=unit)
        known.append(Known(RANGE, scaling.location))
    mean, std = _either(config.val_mean, config.mean), _either(config.val_std, config.std)
    if mean.known and std.known and len(mean.value or ()) == len(std.value or ()):
        feed = replace(feed, mean=tuple(mean.value or ()), std=tuple(std.value or ()))
        known.append(Known(NORMALISATION, mean.location))
    size = _either(config.val_input_size, config.input_size)
    if size.known and size.value:
        feed, place, sure = _geometry(replace(feed, size=size.value), size, program)
        if sure:
            known.append(Known(GEOMETRY, place))
        else:
            assumed.append("pictures squashed to a square")
    for seen in program.facts(BgrImages) if program else ():
        feed = replace(feed, order="BGR")
        if not seen.mixed:
            known.append(Known(CHANNELS, seen.location))
        else:
            assumed.append(f"validation images are those that {seen.reader} reads (blue, green, red)")
        break
    else:
        if program is not None and program.framework == "pytorch":
            known.append(Known(CHANNELS))
    for named in program.facts(ClassesByName) if program else ():
        known.append(Known(ORDER, named.location))
    if program is not None and (place := _validated_in_train_mode(program)):
        feed = replace(feed, mode="train")
        known.append(Known(MODE, place))
    return feed, tuple(known), tuple(assumed)


def _either(held_out: Setting[T], training: Setting[T]) -> Setting[T]:
    return held_out if held_out.known else training


def _geometry(feed: Feed, size: Setting[int], program: Program | None) -> tuple[Feed, Location | None, bool]:
    """The feed with its shape, the line that sets it, and whether the shape was read."""
    steps = program.val_steps if program is not None else None
    for step in reversed(steps or ()):
        if step.crop is not None and step.crop.side:
            return replace(feed, shape="crop", side=step.crop.side, size=step.crop.size), step.location, True
        if any(word in step.name.lower() for word in CROPS):
            return replace(feed, shape="crop", side=feed.size), step.location, False
    resized = next((step for step in steps or () if step.side == feed.size), None)
    return feed, resized.location if resized else size.location, resized is not None


def _validated_in_train_mode(program: Program) -> Location | None:
    """The line of a validation's forward pass whose network is in train mode for sure."""
    forward = [act for act in program.acts if act.what == "forward" and act.phase == "validation"]
    if forward and all(act.mode == "train" and not act.when for act in forward):
        return forward[-1].location
    return None
