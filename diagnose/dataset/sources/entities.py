"""XML that may grow without end, or read other files, as it is parsed."""

from __future__ import annotations


def declares_entities(xml: bytes) -> bool:
    """Whether XML declares entities, which no annotation and no table needs to."""
    return b"<!ENTITY" in xml or b"<!DOCTYPE" in xml
