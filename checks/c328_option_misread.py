"""A setting that doesn't get the value that was meant.

What it looks for: type=bool in argparse; ~ of a flag; a setting that is given a constant and, before anything reads it,
another one.

Why it matters: bool("False") is True, so that --pretrained False turns it on. ~True is -2 and ~False is -1, both of
which count as true: the condition never depends on the flag. A constant at the top of the file that
a later line replaces is the one that people edit, without effect.

Example: parser.add_argument("--pretrained", type=bool, default=True).

Fix: action=argparse.BooleanOptionalAction; not in place of ~; delete one of the two lines.

Source: argparse's documentation: "The bool() function is not recommended as a type converter".
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import BoolOption, Check, Evidence, Finding, InvertedTruth, ReplacedConstant, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    for seen in evidence.program.facts(BoolOption):
        option = seen.option
        yield Finding(
            Severity.WARNING,
            summary=f"--{option} is of type bool: any text counts as True, --{option} False too.",
            fix="Use action=argparse.BooleanOptionalAction, or store_true.",
            measured={"option": option, "default": seen.default},
            location=seen.location,
            subject=option,
        )
    for inverted in dict.fromkeys(evidence.program.facts(InvertedTruth)):
        yield Finding(
            Severity.WARNING,
            summary="~ of True or False is -2 or -1: the condition always counts as true.",
            fix="Write `not` in place of `~`.",
            location=inverted.location,
            subject="~",
            rewrites=("not-in-place-of-invert",),
        )
    for constant in evidence.program.facts(ReplacedConstant):
        name, before, after = constant.name, constant.before, constant.after
        yield Finding(
            Severity.WARNING,
            summary=f"{name} = {before!r} is never used: line {constant.line} sets it to {after!r}.",
            fix="Delete one of the two lines.",
            measured={"before": before, "after": after},
            location=constant.location,
            subject=name,
        )


CHECK = Check("C328", "option-misread", needs=("program",), judge=judge)
