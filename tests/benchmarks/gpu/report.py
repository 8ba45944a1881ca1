"""The results as one JSON file and as a Markdown table."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Result:
    """What a section came to. why: "" where it went through to its end."""

    section: str
    why: str = "not run"
    seconds: float = 0.0
    rows: list[dict[str, Any]] = field(default_factory=list)


def device_of(results: list[Result]) -> str:
    """The device's name, as the first section read it."""
    rows = [row for result in results for row in result.rows if row["name"] == "device"]
    return str(rows[0]["value"]) if rows else "unknown device"


def write_json(path: Path, results: list[Result], options: dict[str, Any], seconds: float) -> None:
    """Everything, for a program."""
    told = {
        "device": device_of(results),
        "options": options,
        "seconds": round(seconds, 1),
        "sections": [
            {"section": one.section, "done": not one.why, "why": one.why, "seconds": round(one.seconds, 1),
             "rows": one.rows}
            for one in results
        ],
    }  # fmt: skip
    path.write_text(json.dumps(told, indent=1) + "\n")


def markdown(results: list[Result], seconds: float) -> str:
    """A table, a row for each measurement and for each section that did not reach its end."""
    lines = [
        f"{device_of(results)}, {seconds:.0f} s in all:",
        "",
        "| section | what | measured | goal | met | remarks |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for one in results:
        for row in one.rows:
            met = {True: "yes", False: "no", None: ""}[row["met"]]
            lines.append(_line(one.section, row["name"], _number(row), row["goal"], met, row["note"]))
        if one.why:
            lines.append(_line(one.section, "the section", "failed" if one.rows or one.seconds else "not run", "", "",
                               one.why))  # fmt: skip
    return "\n".join(lines) + "\n"


def _line(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', '/').replace(chr(10), ' ') for cell in cells)} |"


def _number(row: dict[str, Any]) -> str:
    value = row["value"]
    if isinstance(value, str):
        told = value
    elif abs(value) >= 100 or value == int(value):
        told = f"{value:,.0f}"
    else:
        told = f"{value:.3g}"
    return f"{told} {row['unit']}".strip()
