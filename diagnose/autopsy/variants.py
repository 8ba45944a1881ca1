"""Single changes to how a checkpoint is evaluated, in the order of how often each explains a bad score."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from diagnose.autopsy.inputs import SHARP, affine
from diagnose.model import IMAGENET_MEAN, IMAGENET_STD
from diagnose.model.checkpoint import (
    ARRIVAL,
    AVERAGE,
    CHANNELS,
    GEOMETRY,
    GIVEN,
    GREY_THRICE,
    MODE,
    NORMALISATION,
    PRECISION,
    RANGE,
    STATISTICS,
    Feed,
)

CAFFE = (123.68, 116.779, 103.939)  # mean of ImageNet's pixels, red first
SIDES = (28, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 299, 384)  # px that people resize to
LARGER = 3  # larger sides that are tried beside those of the architecture and the stored images
CROP_SHARE = 0.875  # of the shorter side that is cut out: 224 of 256
# Networks' own changes.
RUNNING, BATCH, ESTIMATED, AVERAGED, LOW = "running", "batch", "estimated", "average", "half"
WHOLE, FULL = "whole", "full"
STATISTICS_OF = {ESTIMATED: "statistics re-estimated on training images", BATCH: "statistics of each batch"}


@dataclass(frozen=True)
class Variant:
    """One change. network: RUNNING for none, else what is done to the network; cost: of an image, times that as
    written; rare: whether it explains a score rarely, and waits for the others."""

    kind: str
    words: str
    feed: Feed
    network: str = RUNNING
    cost: float = 1.0
    rare: bool = False


def variants(
    written: Feed,
    data: tuple[tuple[float, ...], tuple[float, ...]],
    sides: tuple[int, ...],
    *,
    train: bool,
    norms: bool,
    average: str = "",
    whole: bool = False,
    low: bool = False,
    any_side: bool,
) -> Iterator[Variant]:
    """Every single change. data: mean and std of the images; sides: px of the architecture and of the stored images;
    train: whether there are training images; norms: whether the network has batch norms; average: "raw" or "averaged",
    as the weights are that are evaluated, where the file holds both; whole: whether a part of the file did not arrive;
    low: whether it computes in 16 bits; any_side: whether it takes images of other sides."""
    if whole:
        yield Variant(ARRIVAL, "all of the checkpoint's tensors in place of those that arrived", written, WHOLE)
    if written.mode == "train":
        yield Variant(MODE, "eval mode in place of train mode", replace(written, mode="eval"))
        return  # what the others would score depends on what stands in a batch with an image
    if low:
        yield Variant(PRECISION, "32-bit floats in place of 16-bit ones", written, FULL)
    yield from _values(written, data)
    if norms and written.mode == "eval":
        how = ESTIMATED if train else BATCH
        yield Variant(STATISTICS, f"{STATISTICS_OF[how]} in place of the stored ones", written, how)
    if average:
        other = "raw" if average == "averaged" else "averaged"
        yield Variant(AVERAGE, f"the {other} weights in place of the {average} ones", written, AVERAGED)
    yield from (replace(one, rare=True) for one in _geometry(written, sides, any_side))
    if not low:
        yield Variant(PRECISION, "16-bit floats (bfloat16) in place of 32-bit ones", written, LOW, 2.0, rare=True)


def _values(written: Feed, data: tuple[tuple[float, ...], tuple[float, ...]]) -> Iterator[Variant]:
    if written.order in ("RGB", "BGR"):
        other = "RGB" if written.order == "BGR" else "BGR"
        yield Variant(CHANNELS, f"{other} in place of {written.order}", replace(written, order=other))
    elif written.order == GREY_THRICE:
        yield Variant(CHANNELS, "RGB in place of grey", replace(written, order="RGB"))
    if written.shape == GIVEN:
        return
    if written.std and max(written.std) < 0:
        upright = replace(written, mean=tuple(1 - one for one in written.mean), std=tuple(-one for one in written.std))
        yield Variant(NORMALISATION, "brightness as it is in place of inverted", upright)
    seen = {affine(written)}
    forms = [
        ("0..1", IMAGENET_MEAN, IMAGENET_STD, "ImageNet's mean and std"),
        ("0..1", (), (), "no mean and std"),
        ("0..255", (), (), "no mean and std"),
        ("-1..1", (), (), "mean and std of 0.5"),
        ("0..255", CAFFE[::-1] if written.order == "BGR" else CAFFE, (1.0,) * 3, "ImageNet's mean subtracted"),
        ("0..1", *data, "the dataset's own mean and std"),
    ]
    if written.mean:
        if written.unit != "0..1":
            forms.insert(0, ("0..1", written.mean, written.std, described(written)))
        if written.unit != "0..255":
            forms.append(("0..255", written.mean, written.std, described(written)))
    for unit, mean, std, name in forms:
        if bool(mean) != bool(std):
            continue
        changed = replace(written, unit=unit, mean=mean, std=std, times=1)
        if affine(changed) in seen:
            continue
        seen.add(affine(changed))
        same_unit, same_statistics = unit == written.unit, (mean, std) == (written.mean, written.std)
        pixels = f"pixels of {unit} in place of {written.unit}"
        if same_statistics:
            yield Variant(RANGE, pixels, changed)
        elif same_unit or (unit == "-1..1" and written.unit == "0..1"):
            yield Variant(NORMALISATION, f"{name} in place of {described(written)}", changed)
        else:
            yield Variant(RANGE, f"{pixels}, with {name} in place of {described(written)}", changed)
    if written.mean:
        once, twice = replace(written, times=1), replace(written, times=2)
        if written.times == 2:
            yield Variant(NORMALISATION, "normalised once in place of twice", once)
        else:
            yield Variant(NORMALISATION, "normalised twice in place of once", twice)
        swapped = replace(written, mean=written.std, std=written.mean)
        if all(written.mean) and affine(swapped) not in seen:
            yield Variant(NORMALISATION, "mean and std swapped", swapped)


def described(feed: Feed) -> str:
    """Its mean and std in words."""
    if not feed.mean:
        return "mean and std of 0.5" if feed.unit == "-1..1" else "no mean and std"
    if feed.mean == IMAGENET_MEAN and feed.std == IMAGENET_STD:
        return "ImageNet's mean and std"
    if set(feed.mean) == set(feed.std) == {0.5}:
        return "mean and std of 0.5"
    return f"mean {numbers(feed.mean)} and std {numbers(feed.std)}"


def numbers(values: tuple[float, ...]) -> str:
    """Such as 0.49 0.48 0.45."""
    return " ".join(f"{value:.3g}" for value in values)


def geometry(feed: Feed) -> str:
    """Its way to the square in words."""
    if feed.shape == "crop":
        return f"shorter side to {feed.side or feed.size} px and a centre crop of {feed.size} px"
    if feed.shape == "letterbox":
        return f"bars around, to {feed.size} px"
    return f"squashed to {feed.size}x{feed.size} px"


def _geometry(written: Feed, sides: tuple[int, ...], any_side: bool) -> Iterator[Variant]:
    if written.shape == GIVEN:
        return
    size = written.size
    shapes = [
        replace(written, shape="squash", side=0),
        replace(written, shape="crop", side=round(size / CROP_SHARE)),
        replace(written, shape="crop", side=size),
        replace(written, shape="letterbox", side=0),
    ]
    here = (written.shape, written.side or written.size)
    for changed in shapes:
        if (changed.shape, changed.side or changed.size) != here:
            yield Variant(GEOMETRY, f"{geometry(changed)} in place of {geometry(written)}", changed)
    smaller = sorted((side for side in SIDES if side < size), reverse=True)
    near = [*smaller, *[side for side in SIDES if side > size][:LARGER]]
    for side in dict.fromkeys((*sides, *near)) if any_side else ():
        if side != size:
            changed = replace(
                written, size=side, side=round((written.side or size) * side / size) if written.side else 0
            )
            yield Variant(GEOMETRY, f"images of {side} px in place of {size} px", changed, cost=(side / size) ** 2)
    for how in ("bilinear", SHARP, "nearest", "bicubic"):
        if how != written.interpolation:
            yield Variant(
                GEOMETRY, f"{how} resizing in place of {written.interpolation}", replace(written, interpolation=how)
            )
