"""What the trainings of a person's own network say, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import OwnArms, OwnNetwork, Paired, RepairResult


def arms_lines(network: OwnNetwork) -> Iterator[str]:
    """How far the network is behind its references and which repair explains how much, then every other repair."""
    arms = network.arms
    if arms is None:
        return
    yield f"{_subject(network, arms)} {_behind(arms)}{_explained(arms)}."
    rest = [repair for repair in arms.repairs if not repair.helps]
    if rest:
        yield f"Tried, and not seen to help: {'; '.join(f'{one.name} {points(one.gain)}' for one in rest)}."
    yield (
        f"Trained from random weights on the same images in the same order, with {arms.recipe}: {arms.steps} steps at "
        f"{arms.image_size} px, {arms.own.seeds} seeds; right on {_reached(arms)}."
    )
    for note in arms.notes:
        yield f"{note[:1].upper()}{note[1:]}."


def _subject(network: OwnNetwork, arms: OwnArms) -> str:
    place = f"{network.location}, " if network.location else ""
    return f"Your network ({place}{arms.own.parameters / 1e6:.2g} M parameters)"


def _behind(arms: OwnArms) -> str:
    behind = []
    if arms.resnet50 is not None and arms.behind_resnet50 is not None:
        behind.append((arms.behind_resnet50, "ResNet50"))
    if arms.same_size is not None and arms.behind_same_size is not None:
        behind.append((arms.behind_same_size, f"{arms.same_size.arch} of its size"))
    if not behind:
        return f"gets {arms.own.accuracy:.0%} right after {arms.steps} steps, with no reference to compare with"
    parts = [_one(paired, name) for paired, name in behind]
    return f"learns {' and '.join(parts)} in {arms.steps} steps"


def _one(behind: Paired, name: str) -> str:
    low, high = (100 * end for end in (behind.interval.low, behind.interval.high))
    if not behind.interval.excludes_zero:
        return f"about as fast as {name} ({points(behind, sign=False)} points slower, not decided)"
    if behind.difference < 0:
        return f"{-100 * behind.difference:.0f} points [{-high:.0f}, {-low:.0f}] faster than {name}"
    return f"{100 * behind.difference:.0f} points [{low:.0f}, {high:.0f}] slower than {name}"


def _explained(arms: OwnArms) -> str:
    parts = [_gain(repair) for repair in arms.helping]
    return f"; one change at a time explains: {', '.join(parts)}" if parts else ""


def _gain(repair: RepairResult) -> str:
    return f"{repair.name} {points(repair.gain)} ({repair.confidence})"


def _reached(arms: OwnArms) -> str:
    parts = [f"{arms.own.accuracy:.0%} of the validation images"]
    parts += [f"{one.arch} {one.accuracy:.0%}" for one in (arms.same_size, arms.resnet50) if one is not None]
    return ", ".join(parts)


def points(gain: Paired, sign: bool = True) -> str:
    """A difference in points with its interval."""
    low, high = 100 * gain.interval.low, 100 * gain.interval.high
    return f"{100 * gain.difference:{'+' if sign else ''}.0f} [{low:.0f}, {high:.0f}]"
