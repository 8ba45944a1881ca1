"""A training step needs more memory than the card has.

What it looks for: the peak of a step as configured, in 32-bit floats, against the memory of the card: that of the
device that the probes run on, or `gpu_memory` of the configuration. It is an error where the card was asked for its
memory and the peak lies above all of it by more than the error of the prediction, 5%, in bf16 and with mixed precision
too, since the precision of a program isn't read; else a warning.

Why it matters: the run stops with an out-of-memory error, often only after the data were prepared and the machine was
rented. Smaller batches without accumulation then change the training itself.

Example: ViT-B/16 with AdamW at batch 256 and 224 px, for a card of 16 GiB.

Fix: the changes with which it fits, the cheapest first: mixed precision, smaller batches with accumulated gradients,
gradient checkpointing, weights in bf16, smaller images. Each was followed to its own peak.

Source: the step's live tensors over time (diagnose/probing/memory.py), held against real steps in
tests/benchmarks/memory.py. Half a GiB of the card is left to CUDA's context, its libraries and fragments.
Accumulated gradients: each parameter's is kept through the next forward pass. Gradient checkpointing: Chen et al. 2016.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import GIB, MEMORY_ERROR, PRECISIONS, Check, Confidence, Evidence, Finding, NotExamined, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    forecast = evidence.probes.forecast
    assert forecast is not None
    card = forecast.card
    if card is None:
        raise NotExamined("the probes ran on no GPU, and the config does not say `gpu_memory`")
    if forecast.memory is None:
        raise NotExamined("the memory of a step could not be worked out")
    if forecast.fits:
        return
    least = min((forecast.memory, *dict(forecast.memory_by_precision).values()))
    every = len(forecast.memory_by_precision) == len(PRECISIONS)
    certain = card.measured and every and least * (1 - MEMORY_ERROR) > card.memory
    yield Finding(
        Severity.ERROR if certain else Severity.WARNING,
        summary=f"A step of {forecast.batch} images of {forecast.input_size} px takes about "
        f"{forecast.memory / GIB:.1f} GiB in 32-bit floats, and the card has {card.memory / GIB:.1f} GiB, of which "
        f"about {card.usable / GIB:.1f} GiB are free for it.",
        fix=" Or: ".join(
            f"{fit.change[0].upper()}{fit.change[1:]} (about {fit.memory / GIB:.1f} GiB; cost: {fit.cost})."
            for fit in card.changes
        )
        or "Nothing that was tried makes it fit: choose a smaller network, a plainer optimizer or a larger card.",
        measured={
            "memory_bytes": forecast.memory,
            "card_bytes": card.memory,
            "card_measured": card.measured,
            "batch_size": forecast.batch,
            "input_size": forecast.input_size,
            "changes": [{"change": fit.change, "memory_bytes": fit.memory, "cost": fit.cost} for fit in card.changes],
        },
        confidence=Confidence.CERTAIN if certain else Confidence.LIKELY,
        location=evidence.configuration.batch_size.location if evidence.configuration else None,
    )


CHECK = Check("P509", "does-not-fit-memory", needs=("probes", "probes.forecast"), judge=judge)
