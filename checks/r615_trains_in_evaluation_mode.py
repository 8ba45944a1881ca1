"""Training steps in evaluation mode.

What it looks for: the mode of batch norm and dropout in every call that a backward pass followed from: in evaluation
mode in all of them, from the first validation on, or from a validation within an epoch to that epoch's end; or most
batch norms in evaluation mode while other layers train.

Why it matters: dropout does nothing, and batch norm normalises with statistics that are never updated, while its
weights train.

Example: model.eval() in the validation function, and model.train() once before the loop; encoder.eval() where the
encoder is made.

When it is wrong: fine-tuning that keeps batch norm's statistics on purpose and has no dropout.

Fix: call model.train() at the beginning of each epoch.

Source: torch.nn.Module.eval; observed at each call.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity

NEVER, SINCE, WITHIN = "in every step", "from the first validation on", "after each validation within an epoch"
MOST = 0.5  # share of the batch norms
LOADED = 0.5  # share of the parameters, from which on old statistics are worth keeping


def judge(evidence: Evidence) -> Iterator[Finding]:
    run = evidence.run
    network = run.trained
    if not network.has_modes or (network.frozen is not None and network.frozen.share > 0.5):
        return
    first, later = dict(run.modes.training), dict(run.modes.later_epochs)
    never = bool(first) and not first.get(True) and not later.get(True)
    inner = dict(run.modes.after_inner)
    within = first.get(True, 0) > 0 and inner.get(False, 0) > 1 and not inner.get(True)
    since = bool(first.get(True)) and later.get(False, 0) > 1 and not later.get(True)
    if never or since or within:
        when = NEVER if never else SINCE if since else WITHIN
        yield Finding(
            Severity.ERROR if since or within else Severity.WARNING,
            summary=f"The network trains in evaluation mode {when}: dropout is off, and batch norm keeps old "
            "statistics.",
            fix="Call model.train() at the beginning of each epoch.",
            measured={"training": list(run.modes.training), "after_validation": list(run.modes.later_epochs)},
            location=run.training.location,
            confidence=Confidence.CERTAIN,
        )
    elif network.evaluating_norms >= MOST * network.batch_norms > 0 and network.pretrained < LOADED:
        yield Finding(
            Severity.ERROR,
            summary=f"{network.evaluating_norms} of {network.batch_norms} batch norms are in evaluation mode in every "
            "training step, in a network with random weights: they normalise nothing and never learn their statistics.",
            fix="Leave them in training mode; eval() on a part of the network is for pretrained weights.",
            measured={"evaluating": network.evaluating_norms, "batch_norms": network.batch_norms},
            location=network.location,
            confidence=Confidence.CERTAIN,
        )


CHECK = Check("R615", "trains-in-evaluation-mode", needs=("run.trained", "run.training"), judge=judge)
