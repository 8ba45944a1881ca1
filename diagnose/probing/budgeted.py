"""What every session of the probe child has: a Job, a device, the time it may take, and someone who listens."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch

from diagnose.events import Note, Working
from diagnose.probing.clock import Clock, Machine
from diagnose.probing.job import Job
from diagnose.probing.pictures import stratified
from diagnose.probing.threads import Threads

SMALLEST_SIDE = 32  # px, whatever the configuration says: networks halve an image five times
LARGEST_SIDE = 224  # px, where the configuration doesn't say; what ImageNet weights were trained on
USE = 0.96  # of the time: the rest ends the session in order


class Budgeted:
    """A session within its time. The job's images are in the order of `stratified`; `emit` takes every event."""

    def __init__(
        self,
        job: Job,
        device: torch.device,
        emit: Callable[[Any], None],
        clock: Clock = time.monotonic,
        threads: Threads | None = None,
    ) -> None:
        self.job = replace(job, train=stratified(job.train), val=stratified(job.val))
        self.device, self.emit = device, emit
        self.machine = Machine(clock, clock() + USE * job.seconds, threads)
        self.notes: list[str] = []

    def prolong(self, seconds: float) -> None:
        """More time; from another thread, at any moment."""
        self.machine.deadline += seconds

    def _say(self, text: str) -> None:
        self.notes.append(text)
        self.emit(Note(text))

    def _working(self, what: str, done: int, total: int) -> None:
        self.emit(Working(what, done, total))
