"""A log, or a part of it, could not be read, lacks epochs, or ends before its time.

What it looks for: files without a value of a training, lines that speak of a loss or accuracy in an unknown form,
epochs without a row, epochs that a resumed run did again, and a log that ends in a crash or an interrupt before the
epochs that it announces. One that ends early without them was stopped by a patience or by hand, for all that it says.

Why it matters: the curves say nothing of what is missing, and a run that died is none that was finished.

Example: epochs 12 to 15 are missing; the log ends at epoch 31 of 90 with "CUDA out of memory".

Fix: log to a file of values (CSV, JSON lines, TensorBoard) at each epoch; resume the run from its last checkpoint.

Source: counting.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, LoggedRun, Severity

ENDINGS = ("crash", "interrupt")
BACK = "the log goes back to it"  # what the reader of logs says of such a place


def judge(evidence: Evidence) -> Iterator[Finding]:
    history = evidence.history
    for unread in history.unread:
        if unread.line is None:
            yield Finding(
                Severity.INFO if history.runs else Severity.WARNING,
                summary=f"{unread.file} was not read: {unread.why}.",
                fix="Give a log with a loss or accuracy by epoch: CSV, JSON, TensorBoard, or the printed text.",
                files=(unread.file,),
                subject=unread.file,
            )
    lines = [unread for unread in history.unread if unread.line is not None]
    if lines:
        count = len(lines) + history.more_unread
        yield Finding(
            Severity.INFO,
            summary=f"{count} {'line was' if count == 1 else 'lines were'} not understood, first line {lines[0].line} "
            f"of {lines[0].file}: {lines[0].why}.",
            fix="Print name and value as in 'val_loss: 0.52', or log to CSV or JSON.",
            measured={"lines": [unread.line for unread in lines]},
            files=tuple(dict.fromkeys(unread.file for unread in lines)),
            subject="lines",
        )
    for run in history.runs:
        yield from _of_run(run)


def _of_run(run: LoggedRun) -> Iterator[Finding]:
    if run.missing:
        shown = ", ".join(map(str, run.missing[:5])) + (" ..." if len(run.missing) > 5 else "")
        yield Finding(
            Severity.INFO,
            summary=f"{run.name}: of the epochs {len(run.missing)} without a row: {shown}.",
            fix="Log every epoch, and append to the log when a run is resumed.",
            measured={"missing": list(run.missing[:50])},
            files=(run.file,),
            subject=f"{run.name} missing",
        )
    ended = next((mark for mark in reversed(run.marks) if mark.kind in ENDINGS), None)
    for again in (mark for mark in run.marks if mark.kind == "resume" and mark.text == BACK):
        yield Finding(
            Severity.INFO,
            summary=f"{run.name}: the log goes back to {run.at(again.x)}, where the run was resumed; what it did again "
            "replaces what was before.",
            fix="Save a checkpoint at the end of each epoch, with optimizer and schedule.",
            measured={"at": again.x, "line": again.line},
            files=(run.file,),
            subject=f"{run.name} again {again.x:g}",
        )
    if ended and run.planned and run.unit == "epoch" and run.last < run.planned - 1:
        why = f" ({ended.text[:80]})"
        yield Finding(
            Severity.INFO,
            summary=f"{run.name}: the log ends at {run.at(run.last)} of {run.planned}{why}.",
            fix="Resume it from its last checkpoint, with optimizer and schedule, or let it run to its end.",
            measured={"last": run.last, "planned": run.planned, "line": ended.line},
            files=(run.file,),
            subject=f"{run.name} end",
        )


CHECK = Check("L813", "log-incomplete", needs=("history",), judge=judge)
