"""Completing a path while it is typed."""

from __future__ import annotations

import os
from pathlib import Path

from textual.suggester import Suggester

MOST = 2000  # entries of a folder that are looked at


class PathSuggester(Suggester):
    """The first entry of the folder that begins as what was typed does; folders end in a slash. Right takes it."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """The whole path, or None where nothing begins so."""
        return completed(value)


def completed(value: str) -> str | None:
    """`value` with the rest of the first name that begins as it does, or None."""
    folder, _, begun = value.rpartition("/")
    if not begun:
        return None
    place = Path(os.path.expanduser(f"{folder}/") if "/" in value else ".")
    try:
        with os.scandir(place) as entries:
            names = sorted(
                f"{entry.name}/" if entry.is_dir() else entry.name
                for _, entry in zip(range(MOST), entries, strict=False)
                if entry.name.startswith(begun)
            )
    except OSError:
        return None
    return f"{value[: len(value) - len(begun)]}{names[0]}" if names else None
