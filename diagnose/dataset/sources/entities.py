"""XML that may expand without limit, or read other files, while it is parsed."""

from __future__ import annotations


def declares_entities(xml: bytes) -> bool:
    """Whether XML declares entities, which annotations and tables don't need."""
    return b"<!ENTITY" in xml or b"<!DOCTYPE" in xml
