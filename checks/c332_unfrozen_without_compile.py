"""Keras layers that are frozen or unfrozen after compile(), which is not called again before fit().

What it looks for: a line that sets `trainable` of the model or a part of it, between the last compile() and the next
fit() of that model, and that changes which layers train. A loop with GradientTape collects what trains by itself and
is left alone.

Why it matters: compile() fixes what trains. fit() keeps training the layers as they were: fine-tuning trains the head
alone, or layers meant to be frozen keep changing. Nothing reports it.

Example: model.compile(…); model.fit(…); base.trainable = True; model.fit(…).

Fix: call compile() again after each change of trainable, as a rule with a lower learning rate.

When it is wrong: before the first fit() current versions of Keras take the change over, against their documentation;
that is why it is a warning there.

Source: the Keras guide to transfer learning: "calling compile() on a model is meant to freeze the behavior of that
model".
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, Severity, TrainableAfterCompile


def judge(evidence: Evidence) -> Iterator[Finding]:
    for seen in evidence.program.facts(TrainableAfterCompile):
        done = "unfrozen" if seen.value else "frozen"
        compiled = f" (line {seen.compiled})" if seen.compiled else ""
        fit = f" at line {seen.fit}" if seen.fit else ""
        goes_on = "stay frozen" if seen.value else "keep training"
        yield Finding(
            Severity.ERROR if seen.fitted else Severity.WARNING,
            summary=f"Layers are {done} after compile(){compiled}, and the training{fit} comes without another one: "
            + (f"they {goes_on}." if seen.fitted else f"whether they {goes_on} depends on the version of Keras."),
            fix="Call compile() again after the change, with a lower learning rate where layers are unfrozen."
            if seen.value
            else "Set trainable before compile(), or call compile() again.",
            measured={"trainable": seen.value},
            location=seen.location,
            rewrites=("compile-again",),
        )


CHECK = Check("C332", "unfrozen-without-compile", needs=("program",), judge=judge)
