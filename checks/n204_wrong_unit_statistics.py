"""Mean and standard deviation in different units from the pixels.

What it looks for: statistics of 0..255 on scaled pixels; statistics of 0..1 on pixels of 0..255 for a network that
takes those. Where pixels of 0..255 are the fault, N201 names it.

Why it matters: (200 - 0.485) / 0.229 is 871, and (0.8 - 124) / 58 is -2.1 for every pixel alike: the network sees
an explosion or a constant.

Example: `mean: [123.7, 116.3, 103.5]` with `scaling: 1/255`.

Fix: write both in the same units.

Source: torchvision.transforms.Normalize computes (x - mean) / std in whatever units it gets.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import UNIT_STEP, Check, Evidence, Finding, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    config = evidence.config
    if evidence.saw_usual_input:
        return
    mean, std = config.mean.get(), config.std.get()
    if not mean or not std or config.raw_pixels == config.statistics_in_raw_units:
        return
    if config.raw_pixels and not evidence.takes_raw_pixels:
        return  # the fault is that nothing scales them: N201
    pixels, written = ("0..255", "0..1") if config.raw_pixels else ("scaled to about 0..1", "0..255")
    yield Finding(
        Severity.ERROR,
        summary=f"Mean and std are written for {written} pixels, but the pixels are {pixels}.",
        fix="Scale the pixels by 1/255 before normalising."
        if config.raw_pixels
        else "Divide mean and std by 255, since the pixels already are.",
        measured={"mean": list(mean), "std": list(std), "scaling": list(config.scaling.get())},
        location=config.mean.location,
        changes=config.also_held_out(scaling=(UNIT_STEP,))
        if config.raw_pixels
        else config.also_held_out(mean=_in_units(mean), std=_in_units(std)),
    )


def _in_units(values: tuple[float, ...]) -> tuple[float, ...]:
    """Written for 0..255, as for 0..1."""
    return tuple(round(value / 255, 4) for value in values)


CHECK = Check("N204", "wrong-unit-statistics", needs=("config.scaling", "config.mean", "config.std"), judge=judge)
