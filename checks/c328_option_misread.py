"""A setting that does not take the value its writer meant.

What it looks for: type=bool in argparse; a setting that is given a constant and, before anything reads it, another one.

Why it matters: bool("False") is True, so that --pretrained False turns it on. A constant at the top of the file that
a later line replaces is the one that people edit, without effect.

Example: parser.add_argument("--pretrained", type=bool, default=True).

Fix: action=argparse.BooleanOptionalAction; delete one of the two lines.

Source: argparse's documentation: "The bool() function is not recommended as a type converter".
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    for seen in evidence.program.observed("bool_option"):
        option = seen.detail["option"]
        yield Finding(
            Severity.WARNING,
            summary=f"--{option} is of type bool: any text counts as True, --{option} False too.",
            fix="Use action=argparse.BooleanOptionalAction, or store_true.",
            measured={"option": option, "default": seen.detail["default"]},
            location=seen.location,
            subject=str(option),
        )
    for seen in evidence.program.observed("replaced_constant"):
        name, before, after = seen.detail["name"], seen.detail["before"], seen.detail["after"]
        yield Finding(
            Severity.WARNING,
            summary=f"{name} = {before!r} is never used: line {seen.detail['line']} sets it to {after!r}.",
            fix="Delete one of the two lines.",
            measured={"before": before, "after": after},
            location=seen.location,
            subject=str(name),
        )


CHECK = Check("C328", "option-misread", needs=("program",), judge=judge)
