"""The corpus of training programs: what each says, and the faults in it, against what is read."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from diagnose.config.read import Reading, read_configuration
from diagnose.model import Evidence, Finding, Severity
from diagnose.model.causes import in_order
from diagnose.registry import load_checks

CORPUS = Path(__file__).parent / "corpus"
MARK = "# fault: "


@dataclass
class Sample:
    """One program: its true facts, the fields that cannot be known, and the faults by (code, file name, line)."""

    path: Path
    facts: dict[str, Any]
    unknown: tuple[str, ...]
    faults: set[tuple[str, int]] = field(default_factory=set)

    @property
    def name(self) -> str:
        return str(self.path.relative_to(CORPUS))

    @property
    def healthy(self) -> bool:
        return not self.faults


def program_of(beside: Path) -> Path:
    """The program that a truth file is of: beside it, or in the folder of its name."""
    stem = beside.name.removesuffix(".facts.yaml")
    homes = (beside.parent, beside.with_name(stem))
    return next(p for home in homes for p in (home / f"{stem}.py", home / f"{stem}.ipynb") if p.exists())


def samples() -> list[Sample]:
    found = []
    for beside in sorted(CORPUS.rglob("*.facts.yaml")):
        path = program_of(beside)
        told = YAML(typ="safe").load(beside.read_text())
        faults = set()
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            if MARK in line:
                faults |= {(code.strip(), number) for code in line.split(MARK)[1].split(",")}
        found.append(Sample(path, told["facts"], tuple(told.get("unknown", ())), faults))
    return found


def read(sample: Sample) -> Reading:
    return read_configuration(str(sample.path))


def agrees(true: Any, value: Any) -> bool:
    """Whether a field's value is the true one; numbers to within rounding, lists item by item."""
    if isinstance(true, list):
        return isinstance(value, tuple) and len(true) == len(value) and all(map(agrees, true, value))
    if isinstance(true, float) or (isinstance(value, float) and isinstance(true, int)):
        return isinstance(value, int | float) and abs(value - true) <= 1e-9 + 1e-6 * abs(true)
    return type(true) is type(value) and true == value


def findings(reading: Reading) -> list[Finding]:
    """What the checks find in a program, in the order of a report."""
    evidence = Evidence(
        configuration=reading.config, code=reading.program, absent={"data": "not given", "probes": "not run"}
    )
    found: list[Finding] = []
    for check in load_checks().values():
        state, why, own = check.run(evidence)
        assert state != "crashed", f"{check.code}: {why}"
        found += own
    return list(in_order(found, evidence))


def grave(found: list[Finding]) -> list[Finding]:
    return [one for one in found if one.severity is Severity.ERROR]


def found_in(folder: Path, text: str) -> tuple[list[Finding], list[int]]:
    """What is found in a program, and the lines of it that end in #!, where a fault was planted."""
    path = folder / "program.py"
    path.write_text(text)
    marked = [number for number, line in enumerate(text.splitlines(), start=1) if line.endswith("#!")]
    return findings(read_configuration(str(path))), marked
