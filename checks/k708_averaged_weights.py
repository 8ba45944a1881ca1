"""A checkpoint whose averaged weights score far better than its raw ones.

What it looks for: a moving average of the weights in the same file (EMA, SWA), and that it restores the score as
K705 means it. The raw weights are those that are evaluated as written.

Why it matters: the score of a training that reports its average belongs to the average; loading model.state_dict()
from the same file gives another network.

Example: torch.load(FILE)["state_dict"] of a timm training with --model-ema, whose score was "state_dict_ema"'s.

Fix: load the averaged weights.

When it is wrong: an average over too few steps can be the worse one; then nothing is reported.

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
    read = evidence.code is not None  # which of the two a program loads is not read
    yield Finding(
        Severity.INFO if read else Severity.WARNING,
        summary=f"The checkpoint {restored.scores}.",
        fix="Load the averaged weights of the file in place of the raw ones"
        + (", if that isn't what the program does: which ones it loads was not read." if read else "."),
        measured=restored.measured,
        location=checkpoint.location,
        confidence=Confidence.SHOWN,
    )


CHECK = Check("K708", "averaged-weights", needs=("checkpoint.accuracy",), judge=judge)
