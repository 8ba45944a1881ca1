"""One Diagnosis, rendered: one format a file."""

from __future__ import annotations

from importlib import import_module

from diagnose.model import Diagnosis, InputError
from diagnose.report.subject import Subject

FORMATS = ("text", "json", "markdown", "html", "sarif", "junit", "json1")
FOR_READERS = ("markdown", "html")  # which show what was examined, and the patches
WITH_SUBJECT = (*FOR_READERS, "json")  # which name what was examined
ENDINGS = {".txt": "text", ".json": "json", ".md": "markdown", ".html": "html", ".sarif": "sarif", ".xml": "junit"}


def render(diagnosis: Diagnosis, format: str = "text", subject: Subject | None = None) -> str:
    """The report in one of FORMATS; text is 100 columns wide and has no colour; json1 is schema_version 1 of json.
    subject: what was examined, which json names, and markdown and html show with its patches.

    Raises InputError for another format.
    """
    if format not in FORMATS:
        raise InputError(f"format {format!r}: give one of {', '.join(FORMATS)}.")
    renderer = import_module(f"diagnose.report.{format}")  # the others need not be loaded
    shown = (diagnosis, subject or Subject()) if format in WITH_SUBJECT else (diagnosis,)
    text: str = getattr(renderer, f"render_{format}")(*shown)
    return text
