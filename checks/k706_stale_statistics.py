"""A checkpoint whose batch norms hold statistics that don't fit its weights.

What it looks for: the checkpoint scores far better with batch norm's statistics re-estimated on training images, or
with those of each batch, than with the stored ones; or in eval mode than in the train mode in which the program
validates. Chosen on one half of the validation images and confirmed on the other, as K705.

Why it matters: in train mode each batch brings its own statistics, so training looks fine; in eval mode the stored
ones count. "100% while training, 33% in predict" is what that looks like.

Example: a few hundred steps with momentum 0.01 (PyTorch) or 0.99 (Keras); a moving average of the weights whose
buffers were never averaged; validation without model.eval().

Fix: torch.optim.swa_utils.update_bn(train_loader, model), and save again; a larger momentum for short trainings.

When it is wrong: images of DATA that differ from those of training as a whole; new statistics then adapt the network
to them (Li et al. 2016, AdaBN).

Source: after 100 updates 37% of the initial statistics are left at momentum .99, 0.003% at .9; 100% in training and
33% in prediction was seen after 5 updates."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity
from diagnose.model.checkpoint import MODE, STATISTICS

FIXES = {
    STATISTICS: "Re-estimate them (torch.optim.swa_utils.update_bn(train_loader, model)), and save again.",
    MODE: "Call model.eval() before validation.",
}


def judge(evidence: Evidence) -> Iterator[Finding]:
    checkpoint = evidence.checkpoint
    restored = checkpoint.restored
    if restored is None or restored.kind not in FIXES:
        return
    yield Finding(
        Severity.ERROR,
        summary=f"The checkpoint {restored.scores}.",
        fix=FIXES[restored.kind],
        measured={
            "change": restored.words,
            **restored.measured,
        },
        location=restored.location or checkpoint.location,
        confidence=Confidence.SHOWN,
        subject=restored.kind,
    )


CHECK = Check("K706", "stale-statistics", needs=("checkpoint.accuracy",), judge=judge)
