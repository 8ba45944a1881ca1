"""A run that is never measured on validation images.

What it looks for: a training program in which the network is never called outside of training, and fit() without
validation data. Where a call that was not followed received the network, it is not examined.

Why it matters: the training loss alone cannot distinguish learning from memorising, and nothing shows when to stop.

Example: for epoch in range(50): train(); torch.save(model.state_dict(), ...).

Fix: hold out a fifth of the images and measure on them after each epoch.

Source: Goodfellow et al. 2016, "Deep Learning", 5.3 and 7.8.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, NotExamined, NotValidated, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    program = evidence.program
    if program.validates is None:
        raise NotExamined("whether the program validates is unknown")
    if program.validates or (evidence.ran is not None and evidence.ran.validated):
        return
    program.require_complete("validation")
    trainings = program.facts(NotValidated)
    yield Finding(
        Severity.WARNING,
        summary="The program trains and never measures on validation images.",
        fix="Hold out a part of the images and evaluate on it after each epoch.",
        location=trainings[0].location if trainings else program.training,
    )


CHECK = Check("C319", "no-validation", needs=("program",), judge=judge)
