"""Pictures of the images that a finding names, in half cells, which every terminal can show."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping

from PIL import Image
from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.text import Text
from textual_image.renderable.halfcell import Image as HalfCells

from diagnose.model import Finding

WIDTH = 24  # columns of a picture
MOST = 6
JOINTS = (" = ", " ~ ")  # between the names of one group


def contact_sheet(finding: Finding, pictures: Mapping[str, str]) -> RenderableType | None:
    """The pictures that there are, each with its name; None where there are none."""
    names = [name for file in finding.files for name in _parts(file)]
    shown = [name for name in dict.fromkeys(names) if name in pictures][:MOST]
    if not shown:
        return None
    cells = []
    for name in shown:
        image = Image.open(io.BytesIO(base64.b64decode(pictures[name])))
        high = max(1, round(WIDTH * image.height / image.width / 2))  # a cell is twice as high as wide
        cells.append(Group(HalfCells(image, width=WIDTH, height=high), Text(name[-WIDTH:], "dim")))
    return Columns(cells, width=WIDTH, padding=(0, 2))


def _parts(file: str) -> list[str]:
    for joint in JOINTS:
        file = file.replace(joint, "\0")
    return file.split("\0")
