"""Weights that were loaded and did not arrive.

What it looks for: tensors that were given to load_state_dict, or read by from_pretrained, and the share of the
network's parameters that they filled; weights that went into an object that is not the network that trains; and a
network of Hugging Face's made by the configuration in a folder whose weights are not read.

Why it matters: the network starts from random weights while the program says that it is pretrained.

Example: load_state_dict(checkpoint, strict=False), where every name begins with module. or the tensors stand under
another key.

When it is wrong: a second network that is loaded beside the trained one, such as a teacher.

Fix: take the dictionary that holds the tensors, strip the prefix, and look at what load_state_dict returns.

Source: torch.nn.Module.load_state_dict with strict=False leaves out whatever does not match, without a word.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity

KEPT = 0.5  # share of the loaded parameters
LEAST = 0.05  # share of the network's parameters; a head alone is less


def judge(evidence: Evidence) -> Iterator[Finding]:
    run = evidence.run
    for number, arrival in enumerate(run.arrivals):
        if arrival.given and arrival.filled < LEAST and (not arrival.strict or not arrival.filled):
            names = f": it offers {arrival.sample}, the network wants {arrival.wanted}" if arrival.sample else ""
            yield Finding(
                Severity.ERROR,
                summary=f"Of {arrival.given} tensors that were loaded, {arrival.filled:.1%} of the network's "
                "parameters were "
                f"filled{names}.",
                fix="Take the dictionary that holds the tensors, strip the prefix of its names, and load with "
                "strict=True.",
                measured={"given": arrival.given, "filled": arrival.filled},
                location=arrival.location,
                confidence=Confidence.CERTAIN,
                subject=f"load {number}",
            )
        elif arrival.given and not arrival.used and run.trained.pretrained < LEAST:
            yield Finding(
                Severity.ERROR,
                summary="The weights were loaded into a network that is not the one that trains.",
                fix="Load them into the network whose parameters the optimizer holds.",
                measured={"given": arrival.given, "filled": arrival.filled},
                location=arrival.location,
                confidence=Confidence.CERTAIN,
                subject=f"load {number}",
            )
        elif arrival.unread:
            yield Finding(
                Severity.WARNING,
                summary=f"The network is made by the configuration in {arrival.unread}; the weights that lie beside it "
                "were not read.",
                fix="Make it with from_pretrained, unless it is meant to start from random weights.",
                measured={"folder": arrival.unread},
                location=evidence.config.model.location if evidence.configuration else None,
                confidence=Confidence.CERTAIN,
                subject=f"load {number}",
            )
        elif arrival.used and arrival.filled >= KEPT and arrival.kept < KEPT:
            yield Finding(
                Severity.ERROR,
                summary="The weights were loaded and overwritten before the first step: "
                f"{arrival.kept:.0%} of them still had their values.",
                fix="Initialise the new layers alone, or initialise before the weights are loaded.",
                measured={"given": arrival.given, "filled": arrival.filled, "kept": arrival.kept},
                location=arrival.location,
                confidence=Confidence.CERTAIN,
                subject=f"load {number}",
            )


CHECK = Check("R618", "weights-did-not-arrive", needs=("run.trained",), judge=judge)
