"""Logs that lie beside a training program and weren't asked for: they are named, and not read.

Whether they are of this program, and of this version of it, only the person knows.
"""

from __future__ import annotations

from pathlib import Path

FILES = ("results.csv", "history.csv", "history.json", "training_log.csv", "metrics.csv", "trainer_state.json",
         "log.txt", "train.log", "nohup.out")  # fmt: skip
FOLDERS = ("lightning_logs", "runs", "logs", "mlruns", "wandb", "tb_logs")


def beside(program: Path | None) -> str:
    """What to add to "no --log was given": "" without a log beside the program."""
    if program is None:
        return ""
    folder = program.absolute().parent
    found = next((name for name in FILES if (folder / name).is_file()), None)
    found = found or next((name for name in FOLDERS if (folder / name).is_dir()), None)
    return f"; {found} lies beside the program: --log {program.parent / found} reads it" if found else ""
