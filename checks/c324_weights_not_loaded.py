"""Weights that were meant to be loaded and are not.

What it looks for: load_state_dict(strict=False) whose names cannot match (a library's weights into a network that
wraps the library's), or whose result nothing looks at; a line that loads weights and is commented out; an option for
weights that nothing reads.

Why it matters: strict=False drops every tensor whose name does not match without a word: the run starts from random
weights and looks like a bad fine-tuning.

Example: self.backbone = resnet50() and model.load_state_dict(torch.load("resnet50.pth"), strict=False).

Fix: look at the result: missing, unexpected = model.load_state_dict(state, strict=False), or load into model.backbone.

Source: torch.nn.Module.load_state_dict; "weights silently dropped by strict=False" is among the causes in public
threads."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, LoadCommentedOut, LooseLoad, Severity, UnreadOption


def judge(evidence: Evidence) -> Iterator[Finding]:
    program = evidence.program
    for seen in program.facts(LooseLoad):
        if seen.wrapped:
            yield Finding(
                Severity.ERROR,
                summary="strict=False drops all of these weights: the network wraps the one they belong to, so "
                "no name matches.",
                fix="Load them into the wrapped network (model.backbone.load_state_dict), with strict=True.",
                location=seen.location,
                subject="wrapped",
            )
        elif not seen.looked_at:
            yield Finding(
                Severity.WARNING,
                summary="strict=False drops weights whose names do not match, and nothing looks at which.",
                fix="Print the result of load_state_dict: missing_keys should name the head alone.",
                location=seen.location,
                confidence=Confidence.LIKELY,
                subject="loose",
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
