"""The optimizer steps twice for one backward, or on gradients that were just cleared.

What it looks for: in one pass through the batch loop, zero_grad between backward and step; two steps of one optimizer
after a single backward; a step before the only backward where zero_grad comes between; gradients that are cleared for
every batch where the step waits for several.

Why it matters: cleared gradients make the step do nothing but weight decay and momentum: the network does not learn. A
second step applies the same gradients again, at a doubled rate. Where the step waits for N batches, those of all but
the last are computed for nothing.

Example: loss.backward(); optimizer.zero_grad(); optimizer.step().

Fix: zero_grad, forward, backward, step, in this order.

Source: torch.optim, "Taking an optimization step".
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Accumulation, Act, Check, Evidence, Finding, NotExamined, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    program = evidence.program
    if program.managed_by:
        return
    trainings = [_in_the_loop(acts) for acts in program.trainings()]
    if not any(act.what == "step" for acts in trainings for act in acts):
        raise NotExamined("no loop that steps an optimizer was found")
    for acts in trainings:
        optimizers = {act.subject for act in acts if act.what == "step"}
        for optimizer in sorted(optimizers):
            others = optimizers - {optimizer}
            relevant = [
                act
                for act in acts
                if act.what == "backward"
                or act.subject == optimizer
                or (act.what == "zero_grad" and act.subject not in others)
            ]
            yield from _cleared_before_step(relevant)
            if len(optimizers) == 1:
                yield from _stepped_twice(relevant)
    for one in program.facts(Accumulation):
        if one.cleared is not None:
            yield _thrown_away(one)


def _in_the_loop(acts: tuple[Act, ...]) -> list[Act]:
    return [
        act
        for act in acts
        if act.phase == "train" and act.level == "batch" and act.what in ("backward", "step", "zero_grad")
    ]


def _cleared_before_step(acts: list[Act]) -> Iterator[Finding]:
    """zero_grad after backward and before the step that should use it; the loop is a circle."""
    steps = [place for place, act in enumerate(acts) if act.what == "step"]
    if not steps:
        return
    turned = acts[steps[-1] + 1 :] + acts[: steps[-1] + 1]
    pending: Act | None = None
    cleared: Act | None = None
    for act in turned:
        if act.what == "backward":
            pending, cleared = act, None
        elif act.what == "zero_grad" and pending is not None and not (act.when - pending.when):
            cleared, pending = act, None
        elif act.what == "step" and cleared is not None and pending is None and not _exclusive(act, cleared):
            yield Finding(
                Severity.ERROR,
                summary=f"The gradients are cleared between backward() and step() (line {act.location.line}): the "
                "step has none.",
                fix="Move zero_grad() before backward(), or after step().",
                measured={"zero_grad": cleared.location.line, "step": act.location.line},
                location=cleared.location,
                subject="cleared",
                rewrites=("move-before-backward",),
            )
            return


def _stepped_twice(acts: list[Act]) -> Iterator[Finding]:
    since: list[Act] = []
    for act in acts:
        if act.what == "backward":
            since = []
        elif act.what == "step":
            # A call on one of several objects, by a condition, is an act for each of them in one place.
            if any(
                not _exclusive(act, other) and act.when == other.when and act.location != other.location
                for other in since
            ):
                yield Finding(
                    Severity.ERROR,
                    summary=f"The optimizer steps twice (lines {since[0].location.line} and {act.location.line}) "
                    "for one backward().",
                    fix="Delete one of the two.",
                    measured={"steps": [since[0].location.line, act.location.line]},
                    location=act.location,
                    subject="twice",
                    rewrites=("delete-statement",),
                )
                return
            since.append(act)


def _thrown_away(one: Accumulation) -> Finding:
    assert one.cleared is not None
    batches = f"{one.batches} batches" if one.batches else "several batches"
    return Finding(
        Severity.ERROR,
        summary=f"The gradients are cleared for every batch, but the optimizer steps once in {batches}: it learns from "
        "the last of them alone.",
        fix="Clear the gradients right after the step, under the same condition.",
        measured={"zero_grad": one.cleared.line, "batches": one.batches},
        location=one.cleared,
        subject="thrown away",
        rewrites=("clear-after-step",),
    )


def _exclusive(one: Act, other: Act) -> bool:
    """Whether two acts stand on different sides of one condition."""
    return any((number, not side) in other.when for number, side in one.when)


CHECK = Check("C327", "optimizer-steps-twice", needs=("program",), judge=judge)
