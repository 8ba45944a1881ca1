"""Batch norm or dropout whose mode does not follow training and validation.

What it looks for: in Keras, a network or batch norm that the model calls with training=True and that is not frozen; a
training loop with GradientTape that calls the network without training=True; a validation loop that calls it with
training=True.

Why it matters: what never leaves training mode also acts in validation, where predictions then depend on the other
images of the batch or on chance. What never enters it learns no statistics, and dropout and augmentation layers do
nothing.

Example: logits = model(images) under tf.GradientTape().

Fix: leave training out within the model; write model(images, training=True) in the training loop and training=False in
validation.

When it is wrong: where dropout is meant to act in evaluation (Monte Carlo dropout, which is left alone in a model).

Source: the Keras guide to transfer learning, "Important notes about BatchNormalization layer"; tf.keras.Model.call.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, KerasMode, Program, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    yield from _in_keras(evidence.program)


def _in_keras(program: Program) -> Iterator[Finding]:
    for seen in program.facts(KerasMode):
        what = " and ".join((*(["batch norm"] if seen.norms else []), *seen.others))
        if not seen.training:
            yield Finding(
                Severity.WARNING,
                summary=f"The training loop calls the network without training=True: {what} stays in evaluation mode.",
                fix="Call it with training=True in the training loop, and without it in validation.",
                location=seen.location,
                subject="never training",
            )
        elif seen.layer == "the validation":
            yield Finding(
                Severity.ERROR,
                summary=f"Validation calls the network with training=True: {what} acts as in training.",
                fix="Call it with training=False.",
                location=seen.location,
                subject="validation in training mode",
            )
        else:
            yield Finding(
                Severity.WARNING,
                summary=f"{seen.layer} is called with training=True: its batch norm uses the statistics of each batch "
                "in validation and prediction too.",
                fix="Leave training out (or pass it on), so that fit() and predict() choose the mode.",
                location=seen.location,
                subject="always training",
            )


CHECK = Check("C334", "batch-norm-mode", needs=("program",), judge=judge)
