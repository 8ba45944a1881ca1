"""A network that learns more slowly than one of its size.

What it looks for: short trainings from random weights of your network beside the torchvision network with the nearest
number of parameters, on the same images in the same order with the same recipe; a gap in validation accuracy whose 95%
interval excludes zero. Repairs of your network, one change each, are trained beside it and show what explains the gap.

Why it matters: the images, the recipe and the size are the same, so what is left is how the network is built. A full
training run seldom makes up for what a short run loses.

Example: a ResNet whose blocks forget `+ x`, or batch norm that is made in __init__() and not called in forward().

Fix: the change that gained most, as the finding names it. Without one, take parts of the reference over one at a time.

When it is wrong: a network that starts slowly by design, such as a transformer, can overtake in a full training run.
Images that are smaller here than in your training put networks with large strides at a disadvantage.

Source: He et al. 2015 (initialisation) and 2016 (shortcuts); Ioffe and Szegedy 2015; Goyal et al. 2017, section 5.1
(zero-initialised batch norm); paired differences over seeds and images by tests/benchmarks/own_networks.py.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, NotExamined, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    arms = evidence.network.arms
    if arms is None or arms.beside is None:
        raise NotExamined("no reference was trained beside the network")
    reference, behind = arms.beside
    if behind.interval.low <= 0:
        return
    low, high = 100 * behind.interval.low, 100 * behind.interval.high
    best = next(iter(arms.helping), None)
    gained = ""
    if best is not None:
        ends = (100 * best.gain.interval.low, 100 * best.gain.interval.high)
        gained = f"; {best.name}: +{100 * best.gain.difference:.0f} points [{ends[0]:.0f}, {ends[1]:.0f}]"
    yield Finding(
        Severity.WARNING,
        summary=f"It learns {100 * behind.difference:.0f} points [{low:.0f}, {high:.0f}] slower than {reference.arch}, "
        f"of {reference.parameters / 1e6:.2g} M parameters, in {arms.steps} steps{gained}.",
        fix=best.fix
        if best is not None
        else "No single repair was seen to help: take over one part of "
        f"{reference.arch} at a time, and train each for a few steps.",
        measured={
            "behind": behind.difference,
            "interval": [behind.interval.low, behind.interval.high],
            "reference": reference.arch,
            "repair": best.name if best is not None else None,
            "gain": best.gain.difference if best is not None else None,
        },
        location=evidence.network.location,
        confidence=behind.confidence,
    )


CHECK = Check("M413", "learns-slower-than-reference", needs=("network.arms",), judge=judge)
