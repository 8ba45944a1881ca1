"""What the parent asks its child to run, in JSON."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RunJob:
    """program: path of the file; arguments: its command line; scratch: folder that takes what is written; limit:
    seconds; whole_batches: whether batches are kept whole; whole_passes: whether loaders that go in order are, too;
    offline: whether nothing is downloaded. steps: of training before a validation that ends the run, 0 for a run that
    looks; seed: what is added to every seed."""

    program: str
    arguments: tuple[str, ...]
    command: str
    scratch: str
    limit: float
    whole_batches: bool = False
    whole_passes: bool = False
    offline: bool = False
    steps: int = 0
    seed: int = 0
    sink: int = 1  # the file descriptor that takes the summaries
