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
from diagnose.report.dataset import pictured

WIDTH = 24  # columns of a picture


def contact_sheet(finding: Finding, pictures: Mapping[str, str]) -> RenderableType | None:
    """The pictures that there are, each with its name; None where there are none."""
    cells = []
    for name, picture in pictured(finding, pictures):
        image = Image.open(io.BytesIO(base64.b64decode(picture)))
        high = max(1, round(WIDTH * image.height / image.width / 2))  # a cell is twice as high as wide
        cells.append(Group(HalfCells(image, width=WIDTH, height=high), Text(name[-WIDTH:], "dim")))
    return Columns(cells, width=WIDTH, padding=(0, 2)) if cells else None
