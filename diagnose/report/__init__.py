"""One Diagnosis, rendered: one format a file."""

from __future__ import annotations

from importlib import import_module

from diagnose.model import Diagnosis, InputError
from diagnose.report.subject import Subject

FORMATS = ("text", "json", "json1", "markdown", "html", "sarif", "junit", "gitlab", "comment")
FOR_READERS = ("markdown", "html")  # which show the patches
# Which name what was examined, or place findings in it.
WITH_SUBJECT = (*FOR_READERS, "json", "sarif", "gitlab", "comment")
ENDINGS = {".txt": "text", ".json": "json", ".md": "markdown", ".html": "html", ".sarif": "sarif", ".xml": "junit"}


def render(diagnosis: Diagnosis, format: str = "text", subject: Subject | None = None) -> str:
    """The report in one of FORMATS; text is 100 columns wide and has no colour; json1 is schema_version 1 of json.
    subject: what was examined, which json names, markdown and html show with its patches, and where sarif and gitlab
    place what has no line.

    Raises InputError for another format.
    """
    if format not in FORMATS:
        raise InputError(f"format {format!r}: give one of {', '.join(FORMATS)}.")
    renderer = import_module(f"diagnose.report.{format}")  # the others need not be loaded
    shown = (diagnosis, subject or Subject()) if format in WITH_SUBJECT else (diagnosis,)
    text: str = getattr(renderer, f"render_{format}")(*shown)
    return text
