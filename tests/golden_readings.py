"""The readings of every program of the corpora, as text: what a change of the reader changes shows as a difference.

python tests/golden_readings.py        writes tests/golden anew, after a change that was meant
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from corpus_reading import findings, program_of

from diagnose.config.read import Reading, read_configuration
from diagnose.model import InputError

TESTS = Path(__file__).parent
GOLDEN = TESTS / "golden"
CORPORA = ("corpus", "unseen/first", "unseen/second", "unseen/third", "unseen/fourth", "unseen/fifth", "unseen/sixth",
           "unseen/seventh", "unseen/eighth", "unseen/ninth")  # fmt: skip


def programs(corpus: str) -> list[Path]:
    """Every program that has a file of facts beside it."""
    return [program_of(beside) for beside in sorted((TESTS / corpus).rglob("*.facts.yaml"))]


def told(path: Path) -> str:
    """One program's reading: each field with its place or why it is unknown, the program's acts, the findings."""
    try:
        reading = read_configuration(str(path))
    except InputError as fault:
        return f"refused: {fault}\n".replace(f"{TESTS}/", "")
    return "".join(f"{line}\n" for line in _lines(reading)).replace(f"{TESTS}/", "")


def _lines(reading: Reading) -> Iterator[str]:
    for name, setting in reading.config.settings():
        place = f"  {Path(setting.file or '').name}:{setting.line}" if setting.line else ""
        if setting.known:
            yield f"{name}: {setting.value!r}{place}"
        elif not setting.why.startswith("the program does not say"):
            yield f"{name}? {setting.why}{place}"
    if reading.program is not None:
        for one in fields(reading.program):
            value = getattr(reading.program, one.name)
            parts = value if isinstance(value, tuple) else (value,)
            for part in parts:
                yield f"  {one.name} {_short(part)}"
    for found in findings(reading):
        where = f"{Path(found.location.file).name}:{found.location.line}" if found.location else ""
        yield f"! {found.code} {found.severity.value} {where} {found.summary if hasattr(found, 'summary') else ''}"


def _short(value: Any) -> str:
    if isinstance(value, frozenset | set):
        return str(sorted(map(str, value)))
    if hasattr(value, "__dataclass_fields__"):
        inner = ", ".join(f"{one.name}={_short(getattr(value, one.name))}" for one in fields(value) if one.repr)
        return f"{type(value).__name__}({inner})"
    if isinstance(value, dict) or hasattr(value, "items"):
        return "{" + ", ".join(f"{key}: {_short(one)}" for key, one in value.items()) + "}"
    if isinstance(value, tuple | list):
        return "(" + ", ".join(map(_short, value)) + ")"
    return repr(value)


def golden(corpus: str) -> Path:
    return GOLDEN / f"{corpus.replace('/', '_')}.txt"


def whole(corpus: str) -> dict[str, str]:
    """By program, below the corpus: its reading."""
    return {str(path.relative_to(TESTS / corpus)): told(path) for path in programs(corpus)}


def stored(corpus: str) -> dict[str, str]:
    """As `whole`, from the golden file."""
    parts = golden(corpus).read_text().split("=== ")[1:]
    return {name: text.rstrip("\n") + "\n" for name, _, text in (part.partition("\n") for part in parts)}


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for one in CORPORA:
        golden(one).write_text("\n".join(f"=== {name}\n{text}" for name, text in whole(one).items()))
