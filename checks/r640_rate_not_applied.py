"""A learning rate that is computed and never reaches the optimizer.

What it looks for: rates that the program writes into what optimizer.state_dict() returns, and does not load back.

Why it matters: the optimizer goes on with the rate that it was made with, whatever schedule is computed and printed.

Example: for group in optimizer.state_dict()["param_groups"]: group["lr"] = rate.

Fix: write into optimizer.param_groups, or give the dictionary to load_state_dict().

When it is wrong: a dictionary that is changed before it is saved to a file.

Source: torch.optim.Optimizer.state_dict makes new dictionaries of the groups.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, Severity
from diagnose.model.mistakes import found

RULES = {"rate in a copy": (Severity.ERROR, "Write into optimizer.param_groups, which is the optimizer's own.")}


def judge(evidence: Evidence) -> Iterator[Finding]:
    yield from found(evidence.run.mistakes, RULES)


CHECK = Check("R640", "rate-not-applied", needs=("run.training",), judge=judge)
