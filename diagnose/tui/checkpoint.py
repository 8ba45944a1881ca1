"""A checkpoint that was examined: what the report prints of it, scrolled."""

from __future__ import annotations

from rich.console import Console

from diagnose.model import Diagnosis
from diagnose.report.checkpoint import print_checkpoint
from diagnose.tui.printed import PrintedPane


class CheckpointPane(PrintedPane):
    """The Checkpoint tab."""

    printed = "autopsy"

    def show(self, diagnosis: Diagnosis) -> None:
        """The checkpoint, once it was examined."""
        if diagnosis.evidence.autopsy is not None:
            super().show(diagnosis)

    def print_to(self, console: Console, diagnosis: Diagnosis) -> None:
        """What the report says of it."""
        if diagnosis.evidence.autopsy is not None:
            print_checkpoint(diagnosis.evidence.autopsy, console)
