"""One Diagnosis, rendered: one format a file."""

from __future__ import annotations

from importlib import import_module

from diagnose.model import Diagnosis, InputError

FORMATS = ("text", "json", "markdown", "html", "sarif", "junit")
ENDINGS = {".txt": "text", ".json": "json", ".md": "markdown", ".html": "html", ".sarif": "sarif", ".xml": "junit"}


def render(diagnosis: Diagnosis, format: str = "text") -> str:
    """The report as text, json, markdown, html, sarif or junit; text is 100 columns wide and has no colour.

    Raises InputError for another format.
    """
    if format not in FORMATS:
        raise InputError(f"format {format!r}: give one of {', '.join(FORMATS)}.")
    renderer = import_module(f"diagnose.report.{format}")  # the others need not be loaded
    text: str = getattr(renderer, f"render_{format}")(diagnosis)
    return text
