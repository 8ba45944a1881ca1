"""The child: reads a Job as JSON from stdin, and prints what is known of the checkpoint, a line for each step."""

from __future__ import annotations

import contextlib
import os
import sys

import torch
from pydantic import TypeAdapter

from diagnose.autopsy.examining import examine
from diagnose.autopsy.job import Job
from diagnose.children import join
from diagnose.model.checkpoint import Checkpoint

SEED = 0


def main() -> None:
    """Answers one job; ends without an answer where its parent has gone."""
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
        _, hits = examine(job, say, note)
        out.write(f"hits {hits}\n")
        out.flush()


if __name__ == "__main__":
    main()
