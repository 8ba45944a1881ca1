"""The autopsy on a node of a Ray cluster: the same process there, with what it says as it comes."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

from diagnose.autopsy.child import GRACE, examiner
from diagnose.autopsy.job import Job
from diagnose.events import Note
from diagnose.model.checkpoint import Checkpoint
from diagnose.running.cluster import ENDING, Lost, answers_of

Answer = tuple[Note | None, Checkpoint | None, str, str]  # what it is at; what is known by then, hits, and why not


class _Examining:
    """The work of an autopsy; a class, so that a node unpickles it by its name."""

    def __init__(self, job: Job, folder: str) -> None:
        self._job, self._folder = job, folder

    def __call__(self, stop: threading.Event) -> Iterator[Answer]:
        with examiner(stop, bool(self._job.program), self._folder) as process:
            for note in process.steps(self._job):
                yield note, process.checkpoint, process.hits, ""
            yield None, process.checkpoint, process.hits, process.why


class ClusterAutopsy:
    """An Examiner on the cluster at `address`, which is looked for when it runs."""

    def __init__(self, address: str, stop: threading.Event) -> None:
        self._address, self._stop = address, stop
        self.checkpoint: Checkpoint | None = None
        self.hits = ""
        self.why = ""

    def run(self, job: Job) -> Iterator[Note]:
        """Examines the checkpoint; yields what it is at. Raises InputError where no cluster answers."""
        work, limit = _Examining(job, os.getcwd()), job.seconds + GRACE + ENDING
        try:
            for note, *known in answers_of(self._address, work, job.device in ("auto", "cuda"), limit, self._stop):
                self.checkpoint, self.hits, self.why = known
                if note is not None:
                    yield note
        except Lost as lost:
            self.why = str(lost)
