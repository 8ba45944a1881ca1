"""A checkpoint whose tensors aren't those of the network that they are for.

What it looks for: where the program is run (--run), tensors of the network that it evaluates which aren't the
checkpoint's after it loaded it. Else tensors of the network that the checkpoint lacks, tensors of it that the network
has no place for, and tensors of another shape. The network is the one that --model, --arch or the program names; where
nothing does, the nearest one by the tensors' names, whose head may have any width.

Why it matters: load_state_dict(strict=False) leaves what is missing as random numbers, without a word; accuracy is
then that of a network that is partly random.

Example: a state dict of resnet18 for a program that makes resnet50; names with "module." before them, loaded with
strict=False.

Fix: make the network that was saved, or take the prefix off; load with strict=True.

When it is wrong: a network that computes some tensors by itself at its first step.

Source: torch.nn.Module.load_state_dict, strict. Parts below a prefix, and counters of batches, aren't reported: they
load once the prefix is taken off."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Checkpoint, Confidence, Evidence, Finding, NotExamined, Severity
from diagnose.model.checkpoint import ARRIVAL

SHOWN = 3
SCORES = 2.0  # times chance, from which on a network that took in a part of the file may be meant so
NAMED_BY_A_PERSON = ("--model", "--arch", "the program")


def judge(evidence: Evidence) -> Iterator[Finding]:
    checkpoint = evidence.checkpoint
    if not checkpoint.arch:
        raise NotExamined(checkpoint.lacking)
    tensors = checkpoint.tensors
    if tensors.left_out:
        classes = len(evidence.dataset.classes) if evidence.dataset is not None else len(checkpoint.classes)
        yield _not_arrived(checkpoint, classes)
        return
    parts = [
        (f"{len(names)} tensors {words}", names)
        for names, words in ((tensors.missing, "are missing"), (tensors.misshapen, "have another shape"))
        if names
    ]
    if not parts:
        return
    certain = checkpoint.named_by in NAMED_BY_A_PERSON
    yield Finding(
        Severity.ERROR if certain else Severity.WARNING,
        summary=f"Of {checkpoint.arch}'s tensors, {' and '.join(words for words, _ in parts)} in the checkpoint "
        f"(first: {parts[0][1][0]}).",
        fix=f"Load it into the network that it was saved from; {checkpoint.arch} is named by {checkpoint.named_by}.",
        measured={
            "missing": list(tensors.missing[:SHOWN]),
            "misshapen": list(tensors.misshapen[:SHOWN]),
            "extra": list(tensors.extra[:SHOWN]),
        },
        location=checkpoint.location,
        confidence=Confidence.CERTAIN if certain else Confidence.LIKELY,
    )


def _not_arrived(checkpoint: Checkpoint, classes: int) -> Finding:
    tensors, restored = checkpoint.tensors, checkpoint.restored
    scores = checkpoint.accuracy is not None and classes > 1 and checkpoint.accuracy > SCORES / classes
    better = f" With all of them it scores {restored.accuracy:.1%}." if restored and restored.kind == ARRIVAL else ""
    return Finding(
        Severity.ERROR if better or not scores else Severity.INFO,
        summary=f"{tensors.left_out} tensors of the network that the program evaluates aren't the checkpoint's "
        f"(first: {tensors.not_loaded[0]}): it loads a part of the file.{better}",
        fix='Load with strict=True, and take a prefix such as "module." off the names.',
        measured={"left_out": tensors.left_out, "first": list(tensors.not_loaded[:SHOWN])},
        location=checkpoint.location,
        confidence=Confidence.CERTAIN,
        subject="arrival",
    )


CHECK = Check("K702", "tensors-do-not-fit", needs=("checkpoint",), judge=judge)
