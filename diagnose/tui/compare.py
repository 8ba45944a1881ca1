"""A against B, and the person's own network beside ResNet50: what the report prints, scrolled."""

from __future__ import annotations

from rich.console import Console

from diagnose.model import Diagnosis
from diagnose.report.contrast import print_contrast
from diagnose.report.network import print_network
from diagnose.tui.printed import PrintedPane


class ComparePane(PrintedPane):
    """The Compare tab."""

    printed = "compared"

    def print_to(self, console: Console, diagnosis: Diagnosis) -> None:
        """Everything that was compared."""
        if diagnosis.contrast:
            print_contrast(diagnosis.contrast, console)
        if diagnosis.evidence.own:
            print_network(diagnosis.evidence.own, console)
