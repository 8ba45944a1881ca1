"""Files that hold images in another form, such as videos and volumes, and the step that converts them to images."""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from diagnose.model import printable

MOST_FILES = 20_000  # that are checked


class Form(NamedTuple):
    """A kind of file: its name, its file extensions, and what to do, with the placeholders of `other_form`."""

    called: str
    ending: re.Pattern[str]
    step: str


def _form(called: str, endings: str, step: str) -> Form:
    return Form(called, re.compile(rf".*\.({endings})", re.I), step)


FORMS = (
    _form(
        "video",
        "mp4|avi|mov|mkv|webm|mpe?g|wmv|m4v",
        "write their frames as images, such as ffmpeg -i '{path}' -vf fps=1 'frames/{folder}/{stem}_%04d.jpg', and "
        "give frames/",
    ),
    _form(
        "piece of an archive",
        r"(tar|tgz|zip|7z)(\.\w+)?\.(a[a-z]|\d{2,3}|part\w*)|(tgz|gz)\.(a[a-z]|\d{2,3})",
        "put the pieces together (cat '{whole}.'* > '{whole}') and give {whole}",
    ),
    _form(
        "piece of an archive",
        "z01",
        "put the pieces together (zip -s 0 '{stem}.zip' --out whole.zip) and give whole.zip",
    ),
    _form(
        "volume",
        r"nii(\.gz)?|mha|mhd|nrrd|mgz|img\.gz",
        "write the slices to be classified as class/1.png, since a volume is many images",
    ),
    _form("FITS file", r"fits?(\.gz)?|fts", "write their images as class/1.png (astropy.io.fits.getdata)"),
    _form("pointer of DVC", "dvc", "get the files with dvc pull"),
    _form("database", "sqlite3?|sqlitedb", "write its images as class/1.png, or their paths and labels as a CSV"),
    _form(
        "raw photograph",
        "cr2|cr3|nef|arw|dng|orf|rw2|raf",
        "develop them to JPEG, such as darktable-cli '{path}' '{stem}.jpg'",
    ),
    _form("drawing or document", "svgz?|pdf|ai|eps", "render them as PNG, such as rsvg-convert or pdftoppm -png does"),
)


def other_form(folder: Path) -> str:
    """What a folder without images holds instead and what to do; empty if nothing is recognised."""
    count: Counter[int] = Counter()
    first: dict[int, str] = {}
    seen = 0
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            seen += 1
            number = next((n for n, form in enumerate(FORMS) if form.ending.fullmatch(name)), None)
            if number is not None:
                count[number] += 1
                first.setdefault(number, os.path.relpath(os.path.join(place, name), folder))
        if seen > MOST_FILES:
            break
    if not count:
        return ""
    number, images = count.most_common(1)[0]
    path = first[number]
    whole, inner = os.path.splitext(path)[0], os.path.basename(os.path.dirname(path))
    placeholders = {"path": path, "whole": whole, "stem": os.path.basename(whole), "folder": inner}
    step = FORMS[number].step.format(**{key: printable(value) for key, value in placeholders.items()})
    called = FORMS[number].called if images == 1 else _plural(FORMS[number].called)
    return f"{printable(str(folder))} holds no images but {images} {called}, such as {printable(path)}: {step}."


def _plural(called: str) -> str:
    head, mark, tail = called.partition(" of ")
    return " or ".join(f"{word}s" for word in head.split(" or ")) + mark + tail
