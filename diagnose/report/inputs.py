"""What the network is given, for people: a line for its range, and a line for each channel before and after."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import WHITE, GivenInputs
from diagnose.report.dataset import histogram_line

CHANNELS = ("red", "green", "blue")
AS_PICTURES = (
    f"As pictures: 0 is mid-grey, ±{WHITE} white and black, so what is normalised well looks like an ordinary "
    "photograph."
)


def inputs_line(given: GivenInputs) -> str:
    """Range, mean and std of what the network gets."""
    mean, std = (" ".join(f"{value:.2g}" for value in values) for values in (given.mean, given.std))
    return (
        f"The network is given values from {min(given.low):.3g} to {max(given.high):.3g}, mean {mean}, std {std} "
        f"(red, green, blue; {given.images} training images as the configuration prepares them)."
    )


def channel_lines(given: GivenInputs) -> Iterator[str]:
    """Each channel's histogram before (pixels, 0..255) and after."""
    for name, before, after in zip(CHANNELS, given.before, given.after, strict=True):
        yield f"{name:6}pixels {histogram_line(before)}   given {histogram_line(after)}"
