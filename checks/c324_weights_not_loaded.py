"""Weights that were meant to be loaded and are not.

What it looks for: a dict of state_dict() that gets other weights and is never loaded; a line that loads weights and is
commented out; an option for weights that nothing reads.

Why it matters: the run starts from random weights and looks like a bad fine-tuning.

Example: state = model.state_dict(); state.update(torch.load("resnet50.pth")), and no model.load_state_dict(state).

Fix: load them: model.load_state_dict(state); pass the option to where the network is built.

What another check names: strict=False, which silently drops what does not match, is C339.

Source: torch.nn.Module.state_dict: "Return a dictionary containing references to the whole state of the module", whose
tensors an update of the dictionary replaces in the dictionary alone."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, CopyNotLoaded, Evidence, Finding, LoadCommentedOut, Severity, UnreadOption


def judge(evidence: Evidence) -> Iterator[Finding]:
    program = evidence.program
    for copy in program.facts(CopyNotLoaded):
        yield Finding(
            Severity.ERROR,
            summary="These weights are put into the dictionary of state_dict(), and nothing loads it: the network "
            "keeps its own.",
            fix="Hand it to load_state_dict().",
            location=copy.location,
            subject="copy",
        )
    random = evidence.config.weights.value == "none"
    for line in program.facts(LoadCommentedOut) if random else ():
        yield Finding(
            Severity.WARNING,
            summary="The line that loads weights is commented out, and the network starts from random ones.",
            fix="Load the weights, or delete the line.",
            location=line.location,
            confidence=Confidence.LIKELY,
            subject="comment",
        )
    for unread in program.facts(UnreadOption):
        yield Finding(
            Severity.WARNING,
            summary=f"Nothing reads the option --{unread.option}: it loads no weights.",
            fix="Pass it to where the network is built.",
            measured={"option": unread.option},
            location=unread.location,
            subject=f"option {unread.option}",
        )


CHECK = Check("C324", "weights-not-loaded", needs=("program", "config"), judge=judge)
