"""A checkpoint's file that can't be read."""

from __future__ import annotations


class Unreadable(Exception):
    """The message is half a sentence: why, and what to do."""


def first_line(fault: Exception) -> str:
    """What a library's error says, short."""
    text = str(fault).strip().splitlines()
    return f"{type(fault).__name__}: {text[0][:120]}" if text else type(fault).__name__
