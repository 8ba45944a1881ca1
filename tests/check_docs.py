"""Renders checks/README.md from the checks themselves: `python tests/check_docs.py` rewrites the file."""

import ast
import inspect
import re
from pathlib import Path

from diagnose.model import AREAS
from diagnose.registry import explanation, load_checks
from diagnose.report.gfm import documentation

DOCS = Path(__file__).parents[1] / "checks" / "README.md"
HEAD = """\
# The checks

Written by `python tests/check_docs.py` from each check's own documentation, which `diagnose --explain CODE` prints too.
A check that lacks its evidence is "not examined", with the reason. Thresholds are constants of the check's file.

| severity | means |
| --- | --- |
| error | the full training run would be wasted or wrong |
| warning | it would cost accuracy or money |
| info | worth knowing |

A finding's confidence: **certain** was counted or read, **likely** rests on a published threshold, **shown** is a
measured difference over six paired seeds or more whose 95% interval excludes zero, **indicated** the same over fewer.
"""


def thresholds(module):
    """(name, value as written, comment) of the numbers that a check's file gives a name to."""
    text = inspect.getsource(module)
    lines = text.splitlines()
    for node in ast.parse(text).body:
        if not isinstance(node, ast.Assign) or not re.search(r"\d", ast.unparse(node.value)):
            continue
        names = ast.unparse(node.targets[0]).strip("()")
        if not names.replace(", ", "_").isupper() or "re.compile" in ast.unparse(node.value):
            continue
        last = lines[node.end_lineno - 1]
        comment = last.rpartition("  # ")[2] if "  # " in last else ""
        above = []
        row = node.lineno - 2
        while row >= 0 and lines[row].startswith("# "):
            above.insert(0, lines[row][2:])
            row -= 1
        value = " ".join(ast.unparse(node.value).split())
        if len(value) <= 80 and names != "CHECK":
            yield names, value.strip("()"), (comment or " ".join(above)).removeprefix("fmt: skip")


def rendered():
    """The whole file."""
    parts = [HEAD]
    area = ""
    for check in load_checks().values():
        if check.code[0] != area:
            area = check.code[0]
            parts.append(f"\n## {area}: {AREAS.get(area, 'others')}\n")
        parts.append(f"\n### {check.code} {check.name}\n")
        parts.append(documentation(explanation(check)) + "\n")
        limits = list(thresholds(inspect.getmodule(check.judge)))
        if limits:
            told = (f"`{name}` {value}{f' ({comment})' if comment else ''}" for name, value, comment in limits)
            parts.append(f"\n**Thresholds.** {'; '.join(told)}.\n")
    return "\n".join(part.strip("\n") + "\n" for part in parts)


if __name__ == "__main__":
    DOCS.write_text(rendered(), encoding="utf-8")
