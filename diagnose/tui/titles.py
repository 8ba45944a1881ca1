"""Short lines about a run: what is examined, how many findings there are, the verdict as far as it is known."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.text import Text

from diagnose.config.read import path_of
from diagnose.model import Dataset, Finding, InputError, Severity, printable
from diagnose.model.verdict import BEGINS, MOST, causes
from diagnose.report.text import COLOURS, MARKS
from diagnose.request import Request

FRAMEWORKS = {"pytorch": "PyTorch", "keras": "Keras"}


def examined(request: Request, data: Dataset | None = None, framework: str = "") -> str:
    """What is examined: "photos/ (6 classes, 309 images) + train.py (PyTorch)"."""
    parts = []
    if request.data is not None:
        path = Path(request.data)
        name = f"{path.absolute().name}{'/' if path.is_dir() else ''}"
        classes = "" if data is None else f" ({len(data.classes)} classes, {data.images:,} images)"
        parts.append(f"{name}{classes}")
    if request.config:
        how = f" ({FRAMEWORKS.get(framework, framework)})" if framework else ""
        parts.append(f"{_program(str(request.config))}{how}")
    if request.log:
        parts.append(Path(request.log).name)
    return printable(" + ".join(parts))


def _program(given: str) -> str:
    try:
        return path_of(given).name
    except InputError:  # the run says so, where it can be put right
        return given


def counts(findings: Sequence[Finding]) -> str:
    """How many of each severity, as " 4✗ 1!"; nothing for none."""
    number = Counter(finding.severity for finding in findings)
    return "".join(f" {number[severity]}{MARKS[severity]}" for severity in Severity if number[severity])


def headline_verdict(findings: Sequence[Finding], sentence: str, so_far: bool = False) -> Text:
    """The verdict's first sentence, then a line for each of the first causes: place, what it is, the fix.

    findings: in their order; sentence: the whole verdict, which stands alone where nothing grave was found.
    """
    gravest = min((finding.severity for finding in findings), key=lambda one: one.rank, default=None)
    if gravest is None or gravest is Severity.INFO:
        return Text("No fault so far; the run continues." if so_far else printable(sentence), "" if so_far else "bold")
    style = COLOURS[gravest]
    lines = [Text(f"{'So far: ' if so_far else ''}{BEGINS[gravest]}", style)]
    groups = [group for group in causes(findings) if any(one.severity is not Severity.INFO for one in group)]
    for group in groups[:MOST]:
        cause, grave = group[0], min((one.severity for one in group), key=lambda one: one.rank)
        place = f"{short_place(cause)}  " if short_place(cause) else ""
        lines.append(
            Text.assemble(
                (f"  {MARKS[grave]} ", COLOURS[grave]),
                (place, "bold"),
                printable(cause.summary.removesuffix(".")),
                (f"  → {printable(cause.fix)}", "green"),
            )
        )
    if len(groups) > MOST:
        lines[-1].append(f"  and {len(groups) - MOST} more")
    return Text("\n").join(lines)


def in_keys(text: str) -> str:
    """A sentence of a report with the key in place of the option: "give a --budget of 253s or more"."""
    return re.sub(r"give a --budget of (\S+) or more", r"about \1 would do, and + gives more time", text)


def short_place(item: Finding) -> str:
    """The last part of where the finding is: "train.py:9", the name of its one image, or nothing."""
    if item.location is not None:
        return printable(str(replace(item.location, file=Path(item.location.file).name)))
    if len(item.files) == 1:
        return printable(Path(item.files[0]).name)
    return ""
