"""A checkpoint that holds raw weights and their average, of which the other ones score far better.

What it looks for: a moving average of the weights in the same file (EMA, SWA), and that the weights which are not
evaluated restore the score as K705 means it. Where the program is run (--run) it is seen which ones it evaluates; else
the raw ones are, without a program.

Why it matters: the score of a training that reports its average belongs to the average; loading model.state_dict()
from the same file gives another network.

Example: torch.load(FILE)["state_dict"] of a timm training with --model-ema, whose score was "state_dict_ema"'s.

Fix: load the averaged weights.

When it is wrong: where nothing shows which weights a program evaluates, nothing is reported.

Source: Izmailov et al. 2018 (SWA); Polyak and Juditsky 1992."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity
from diagnose.model.checkpoint import AVERAGE


def judge(evidence: Evidence) -> Iterator[Finding]:
    checkpoint = evidence.checkpoint
    restored = checkpoint.restored
    if restored is None or restored.kind != AVERAGE:
        return
    yield Finding(
        Severity.ERROR if restored.read else Severity.WARNING,
        summary=f"The checkpoint {restored.scores}.",
        fix=f"Load {restored.words}.",
        measured=restored.measured,
        location=checkpoint.location,
        confidence=Confidence.SHOWN,
    )


CHECK = Check("K708", "averaged-weights", needs=("checkpoint.accuracy",), judge=judge)
