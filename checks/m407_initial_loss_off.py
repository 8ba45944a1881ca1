"""An initial loss far from that of guessing.

What it looks for: the cross-entropy at initialisation against ln(classes), which is that of equal probabilities (ln 2
where each output is judged by itself): of a network of your own, else of the first batch of the probe runs of the
configuration.

Why it matters: a much higher first loss means outputs that are large for no reason; the first epochs go into
unlearning them. A much lower one means that the labels leak into the input.

Example: a last layer initialised with deviation 1 in place of 0.01.

Fix: smaller initial weights in the last layer, zero bias.

Source: Karpathy 2019, "A recipe for training neural networks": verify loss at init. torchvision's ResNet50 starts
within 0.7."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite, log
from statistics import median

from diagnose.model import Check, Evidence, Finding, NotExamined, Severity

CROSS_ENTROPIES = ("cross_entropy", "nll", "categorical_crossentropy", "sparse_categorical_crossentropy")
ABOVE, BELOW = 2.0, 0.5  # nats above ln(classes), and share of it


def judge(evidence: Evidence) -> Iterator[Finding]:
    if evidence.own is not None:
        network, own = evidence.network, evidence.own_network
        if own.output_count < network.classes:
            raise NotExamined(f"it has {own.output_count} outputs for {network.classes} classes")
        classes, loss, location = network.classes, own.initial_loss, network.location
    else:
        runs = evidence.probes.of("configured")
        if not runs or evidence.dataset is None:
            raise NotExamined("no --model was given and no probe of the configuration was run")
        classes, loss, location = len(evidence.data.classes), median(run.curve[0][1] for run in runs), None
    expected = log(classes) if evidence.own is not None else _guessing(evidence, classes)
    if isfinite(loss) and BELOW * expected <= loss <= expected + ABOVE:
        return
    yield Finding(
        Severity.WARNING if isfinite(loss) else Severity.ERROR,
        summary=f"The first loss is {loss:.3g}; guessing among {classes} classes costs {expected:.3g}.",
        fix="Give the last layer small initial weights and a zero bias."
        if location
        else "Look at the findings on normalisation: the first batch is not what the network expects.",
        measured={"initial_loss": loss, "expected": expected},
        location=location,
    )


def _guessing(evidence: Evidence, classes: int) -> float:
    """What guessing costs by the configured loss. Raises NotExamined for a loss of which that is not known."""
    name = str(evidence.configuration.loss.value or "") if evidence.configuration is not None else ""
    if name.startswith(("bce", "binary_crossentropy")):
        return log(2)  # each output by itself
    if name and not name.startswith(CROSS_ENTROPIES):
        raise NotExamined(f"what guessing costs by {name} is not known")
    return log(classes)


CHECK = Check("M407", "initial-loss-off", needs=(), judge=judge)
