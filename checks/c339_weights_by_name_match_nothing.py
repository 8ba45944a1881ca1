"""Weights loaded by names none of which may match, without an error.

What it looks for: load_state_dict(strict=False) whose result nothing looks at, or whose names cannot match: of a
library's weights into a network that wraps the library's; of a whole checkpoint whose weights lie one level deeper,
under a key such as "state_dict"; of a file that the program saves from DataParallel (every name begins with "module.")
into the network without it; a filter by names over a checkpoint that was not unpacked, which keeps nothing, or that
keeps the names of a prefix and leaves it on. In Keras load_weights(by_name=True) of what another model of the program
saved, whose layers have other names; and of any other file into a network that starts at random and stays frozen,
where a name that differs leaves its layer at random.

Why it matters: nothing is loaded and nothing complains. The run starts from random weights, or from those of ImageNet,
while its author believes that it continues from a checkpoint.

Example: model.load_state_dict(torch.load("last.pth"), strict=False) where the program saves {"epoch": ...,
"state_dict": model.state_dict()}.

Fix: look at the result: missing, unexpected = model.load_state_dict(state, strict=False); unpack it:
checkpoint["state_dict"]; save model.module.state_dict(), or take the prefix off; keep strict=True.

When it is wrong: where the file comes from another program, in another form. Whether the names in a file
from elsewhere match is not known from the program, so that this is a warning.

Source: torch.nn.Module.load_state_dict: with strict=False keys that do not match are returned, and not an error.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, LooseLoad, NamesMatchNothing, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    for loose in evidence.program.facts(LooseLoad):
        if loose.wrapped:
            yield Finding(
                Severity.ERROR,
                summary="strict=False drops all of these weights: the network wraps the one they belong to, so "
                "no name matches.",
                fix="Load them into the wrapped network (model.backbone.load_state_dict), with strict=True.",
                location=loose.location,
                subject="wrapped",
            )
        elif not loose.looked_at:
            yield Finding(
                Severity.WARNING,
                summary="strict=False drops weights whose names do not match, and nothing looks at which.",
                fix="Print the result of load_state_dict: missing_keys should name the head alone.",
                location=loose.location,
                confidence=Confidence.LIKELY,
                subject="loose",
            )
    for seen in evidence.program.facts(NamesMatchNothing):
        how = "The filter keeps nothing" if seen.filtered else "strict=False drops all of these weights"
        if seen.why == "nested":
            summary = f'{how}: the file holds a checkpoint, and the weights lie under "{seen.key}" in it.'
            fix = f'Unpack the weights first: checkpoint["{seen.key}"]; load them with strict=True.'
        elif seen.why == "names":
            summary = "by_name=True loads nothing: no layer of this model has the name of one that was saved."
            fix = "Give the layers that should match the same name= in both models: unnamed ones get new names."
        elif seen.why == "kept":
            summary = (
                f'All weights that the filter keeps begin with "{seen.key}", and no layer of this network has such a '
                "name: strict=False drops them all."
            )
            fix = f'Take the prefix off: {{name.removeprefix("{seen.key}"): weight ...}}, and load with strict=True.'
        elif seen.why == "unchecked":
            summary = (
                "by_name=True skips each layer whose name is not in the file, without a word: such layers stay random "
                "here, and frozen."
            )
            fix = 'Let Keras fetch them, weights="imagenet", or load without by_name, so that a difference is an error.'
        else:
            summary = f'{how}: the file was saved from DataParallel, where every name begins with "{seen.key}".'
            fix = "Save model.module.state_dict(), or load before the prefix is needed: into model.module."
        yield Finding(
            Severity.ERROR if seen.certain else Severity.WARNING,
            summary=summary,
            fix=fix,
            measured={"key": seen.key} if seen.key else {},
            location=seen.location,
            subject=seen.why,
            confidence=Confidence.CERTAIN if seen.certain else Confidence.LIKELY,
            rewrites=("unpack-weights",),
        )


CHECK = Check("C339", "weights-by-name-match-nothing", needs=("program",), judge=judge)
