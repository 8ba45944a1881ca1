"""The images, as the report counts them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator

from diagnose.model import ClassRow, Histogram, MeasuredShift, SeriesLeak, Shortcut, Spread
from diagnose.report.response.part import COUNT, AsIs, Part, at

HowMany = Annotated[int, BeforeValidator(lambda files: files.count)]


class SameFiles(Part):
    """Sets of files that hold the same picture."""

    groups: int = at("sets")
    files: int


class Leaks(Part):
    """Sets of files that hold the same picture in several splits. images: of each held-out split, how many."""

    groups: int = at("leaks.sets")
    files: int = at("leaks.files")
    images: dict[str, int] = at("leaked_images")


class NearLeaks(Part):
    """Near-duplicates of training images. images: of each held-out split, how many."""

    pairs: Annotated[int, COUNT] = at("near_leaks")
    images: dict[str, int] = at("near_leaked_images")


class Data(Part):
    """What the scan measured of the images."""

    root: str
    images: int
    classes: tuple[str, ...]
    counts: dict[str, dict[str, int]] = at("counts", "Images per split and class.")
    mean: tuple[float, ...]
    std: tuple[float, ...] = at("std", "Per channel, of pixels in 0..1.")
    width: Annotated[Spread, AsIs()] = at("width", "In pixels.")
    height: Annotated[Spread, AsIs()] = at("height", "In pixels.")
    modes: dict[str, HowMany]
    faults: dict[str, HowMany]
    duplicates: SameFiles
    leaks: Leaks = at("itself")
    near_leaks: NearLeaks = at("itself")
    conflicts: SameFiles
    near_conflicts: SameFiles
    near_duplicates: SameFiles
    grey_as_rgb: int = at("grey.count")
    rotated: int = at("rotated.count")
    long: int = at("long.count")
    outliers: dict[str, HowMany]
    shortcuts: Annotated[tuple[Shortcut, ...], AsIs()]
    shifts: Annotated[tuple[MeasuredShift, ...], AsIs()]
    series_leaks: Annotated[tuple[SeriesLeak, ...], AsIs()]
    class_table: Annotated[tuple[ClassRow, ...], AsIs()] = at("table")
    histograms: Annotated[Mapping[str, Histogram], AsIs()]
    stray_folders: tuple[str, ...] = at("stray")
    empty_classes: tuple[str, ...]
    ignored_files: int = at("ignored.count")
