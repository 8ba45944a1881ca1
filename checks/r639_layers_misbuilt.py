"""A network whose layers are shared or switched off by a slip.

What it looks for: one layer with weights that stands in several places of the same Sequential or ModuleList and is
called in each; dropout that sets nine values in ten or more to zero in training.

Why it matters: the network is as deep as it seems and has the weights of one block; or next to nothing reaches the
layers behind.

Example: nn.Sequential(*[Block(64)] * 4), which repeats one object; Dropout(0.95), where 0.95 was to be kept.

Fix: make a new layer for each place; give dropout the share that is dropped.

When it is wrong: a network that shares its weights on purpose, as ALBERT does.

Source: the modules of the network, and the calls that were seen.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, Severity
from diagnose.model.mistakes import found

RULES = {
    "one layer in several places": (Severity.WARNING, "Make a new layer for each place, in a comprehension."),
    "nearly everything dropped": (Severity.WARNING, "Give dropout the share that is dropped, such as 0.2."),
}


def judge(evidence: Evidence) -> Iterator[Finding]:
    yield from found(evidence.run.mistakes, RULES)


CHECK = Check("R639", "layers-misbuilt", needs=("run.training",), judge=judge)
