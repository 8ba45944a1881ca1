"""What the arms of a person's network say: how far it is behind, and which repair explains how much."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from diagnose.model import ArmResult, OwnArms, Paired, RepairResult
from diagnose.network.repairs.table import Repair
from diagnose.probing.bench import Arm, Bench
from diagnose.probing.own.networks import RESNET50
from diagnose.probing.statistics import confidences


def arm_result(bench: Bench, arm: Arm | None, parameters: int) -> ArmResult | None:
    """The arm's mean accuracy; None with fewer than two seeds."""
    seeds = bench.seeds(arm) if arm else []
    if arm is None or len(seeds) < 2:
        return None
    return ArmResult(arm.arch, parameters, float(np.mean(bench.hits(arm, seeds))), len(seeds))


def repair_results(bench: Bench, own: Arm, repairs: Sequence[tuple[Repair, bool, Arm]]) -> tuple[RepairResult, ...]:
    """The repairs that ran twice, the one that explains most first.

    Those whose gain is shown or indicated come first, by gain; but one that undoes a mistake comes before those that
    aren't shown to be better than it: batch norm makes up for much, and is not what was missing.
    """
    measured: list[tuple[Repair, bool, Arm, Paired]] = []
    for repair, fault, arm in repairs:
        gain = bench.gap(arm, own)
        if gain is not None:
            measured.append((repair, fault, arm, gain))
    words = confidences([gain for *_, gain in measured])
    results = {}
    for (repair, fault, arm, gain), word in zip(measured, words, strict=True):
        reached = float(np.mean(bench.hits(arm, bench.seeds(arm, own))))
        results[RepairResult(repair.name, repair.fix, fault, reached, gain, word)] = arm
    ordered = sorted(results, key=lambda one: (not one.helps, -one.gain.difference))
    if not ordered or not ordered[0].helps:
        return tuple(ordered)
    best = results[ordered[0]]

    def as_good(one: RepairResult) -> bool:
        ahead = bench.gap(best, results[one])
        return one.helps and one.fault and ahead is not None and not ahead.interval.low > 0

    return tuple(sorted(ordered, key=lambda one: not as_good(one)))


def own_arms(
    bench: Bench,
    own: Arm,
    beside: Sequence[Arm],
    repairs: Sequence[tuple[Repair, bool, Arm]],
    parameters: dict[str, int],
    recipe: str,
    notes: Sequence[str],
) -> OwnArms | None:
    """All results so far; None before the network itself has run twice. beside: ResNet50 and the one of its size;
    parameters: by name."""
    mine = arm_result(bench, own, parameters[own.arch])
    if mine is None:
        return None

    def behind(arm: Arm | None) -> Paired | None:
        return bench.gap(arm, own) if arm is not None else None

    resnet50 = next((arm for arm in beside if arm.arch == RESNET50), None)
    same_size = next((arm for arm in beside if arm.arch != RESNET50), None)
    return OwnArms(
        own=mine,
        resnet50=arm_result(bench, resnet50, parameters.get(RESNET50, 0)),
        same_size=arm_result(bench, same_size, parameters.get(same_size.arch, 0)) if same_size else None,
        behind_resnet50=behind(resnet50),
        behind_same_size=behind(same_size),
        repairs=repair_results(bench, own, repairs),
        steps=bench.steps,
        image_size=bench.images.size,
        recipe=recipe,
        notes=tuple(notes),
    )
