"""What the parent asks its child to run, in JSON."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RunJob:
    """program: path of the file; arguments: its command line; scratch: folder that takes what is written; limit:
    seconds; whole_batches: whether batches are kept whole; offline: whether nothing is downloaded."""

    program: str
    arguments: tuple[str, ...]
    command: str
    scratch: str
    limit: float
    whole_batches: bool = False
    offline: bool = False
    sink: int = 1  # the file descriptor that takes the summaries
