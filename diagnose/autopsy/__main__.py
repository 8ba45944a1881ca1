"""The child: reads a Job as JSON from stdin, and prints what is known of the checkpoint, a line for each step."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from pydantic import TypeAdapter

from diagnose.autopsy.examining import examine
from diagnose.autopsy.job import Job
from diagnose.children import join
from diagnose.model.checkpoint import Checkpoint
from diagnose.running.sandbox import begin

if TYPE_CHECKING:
    from diagnose.autopsy.evaluation import Evaluation

SEED = 0
RUN_SHARE = 0.5  # of the seconds, which the program may take


def main() -> None:
    """Answers one job; ends without an answer where its parent has gone."""
    begin()
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a network's own code prints isn't an answer
    answers = TypeAdapter(Checkpoint)
    line = sys.stdin.readline()
    if not line.strip():
        return
    job = TypeAdapter(Job).validate_json(line)
    join(job.folders)
    torch.manual_seed(SEED)

    def say(known: Checkpoint) -> None:
        out.write(f"checkpoint {answers.dump_json(known).decode()}\n")
        out.flush()

    def note(text: str) -> None:
        out.write(f"note {text}\n")
        out.flush()

    with contextlib.suppress(BrokenPipeError):
        _, hits = examine(job, say, note, _evaluation(job, note) if job.program else None)
        out.write(f"hits {hits}\n")
        out.flush()


def _evaluation(job: Job, note: Callable[[str], None]) -> Evaluation:
    """What the person's program evaluates when it is run."""
    from diagnose.autopsy.evaluation import watch

    note("running your program, to see what it evaluates")
    return watch(Path(job.program), job.arguments, job.file, Path(job.scratch), RUN_SHARE * job.seconds, job.offline)


if __name__ == "__main__":
    main()
