"""Small pictures of images, each above its name."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence

from PIL import Image
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import ItemGrid, Vertical
from textual.widgets import Static

from diagnose.tui.pictures import picture_widget

WIDTH = 24  # columns of a picture
APART = 2
CELL = 2  # times as high as wide


class ContactSheet(ItemGrid):
    """As many in a row as there is room for. `pictured` has a name and a picture in base64 for each."""

    DEFAULT_CSS = f"""
    ContactSheet {{
        height: auto; grid-gutter: 0; grid-rows: auto;
        Vertical {{ height: auto; padding: 0 0 1 0; }}
        Image {{ width: {WIDTH}; }}
        Static {{ height: 1; margin: 0; color: $text-muted; }}
    }}
    """

    def __init__(self, pictured: Sequence[tuple[str, str]]) -> None:
        super().__init__(min_column_width=WIDTH + APART, max_column_width=WIDTH + APART, stretch_height=False)
        self._pictured = pictured

    def compose(self) -> ComposeResult:
        """Each picture with the end of its name below it."""
        for name, picture in self._pictured:
            with Vertical():
                image = Image.open(io.BytesIO(base64.b64decode(picture)))
                shown = picture_widget()(image)
                # Said beforehand: what the widget finds out by itself depends on its size, which the grid asks it for.
                shown.styles.height = max(1, round(WIDTH * image.height / image.width / CELL))
                yield shown
                yield Static(Text(name[-WIDTH:]))
