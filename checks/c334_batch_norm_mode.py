"""Batch norm or dropout whose mode doesn't follow train() and eval(), because of how the network is written.

What it looks for: in forward, F.batch_norm(training=True), F.dropout() without training=self.training, a batch norm or
dropout that is made in each call, train() of a part; a frozen backbone whose batch norm stays in training mode, so
that its statistics move while its weights do not; one batch norm in two places while another is never used. In Keras: a
run of so few updates that the running statistics are still largely what they began with (momentum 0.99); a network or
batch norm that the model calls with training=True and that is not frozen; a loop with GradientTape that trains without
training=True, or validates with it; a frozen network with batch norm in a program for Keras up to 2.3.

Why it matters: what never leaves training mode also acts in validation, where predictions then depend on the other
images of the batch or on chance. Frozen layers with moving statistics are no longer the layers that were pretrained.
One batch norm in two places averages the statistics of both, and fits neither in evaluation mode.

Example: x = F.dropout(x, 0.5) in forward; model.train() over a ResNet whose parameters have requires_grad=False.

Fix: use nn.Dropout and nn.BatchNorm2d made in __init__, or pass training=self.training; after model.train() put the
frozen part back: model.backbone.eval().

When it is wrong: where dropout is meant to act in evaluation (Monte Carlo dropout: write training=True), or where the
statistics of a frozen backbone are meant to adapt to the new images.

Source: Keras, BatchNormalization: "layer.trainable = False [...] the layer will now run in inference mode", "introduced
in TensorFlow 2.0"; torch.nn.BatchNorm2d on running statistics; torch.nn.functional.dropout: training defaults to True.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import (
    AlwaysTraining,
    Check,
    Confidence,
    Evidence,
    Finding,
    FrozenStatistics,
    KerasMode,
    LayerUsedTwice,
    MovingMomentum,
    OldFrozenNorm,
    Program,
    Severity,
)

LARGEST_REST = 0.1  # of the initial running statistics, at the end of a run
HOW = {
    "function": ("{} acts in evaluation mode as in training: nothing passes the mode on to it.",
                 "Pass training=self.training."),
    "made": ("forward makes a new {} each time: it never leaves training mode, and nothing that it learns is kept.",
             "Make it in __init__ and call it in forward."),
    "train()": ("forward puts {} into training mode, whatever mode the network is in.",
                "Delete the call: train() and eval() of the network reach all its parts."),
}  # fmt: skip


def judge(evidence: Evidence) -> Iterator[Finding]:
    yield from _in_keras(evidence.program)
    program = evidence.program
    for one in program.facts(AlwaysTraining):
        summary, fix = HOW[one.how]
        sentence = summary.format(one.layer)
        yield Finding(
            Severity.WARNING if one.layer == "dropout" else Severity.ERROR,
            summary=sentence[0].upper() + sentence[1:],
            fix=fix,
            measured={"layer": one.layer, "how": one.how},
            location=one.location,
            subject=f"{one.layer} {one.how}",
            rewrites=("pass-training",),
        )
    random = evidence.configuration is not None and evidence.configuration.weights.value == "none"
    for frozen in program.facts(FrozenStatistics) if not random else ():
        yield Finding(
            Severity.WARNING,
            summary=f"The weights of {frozen.part} are frozen, and its batch norm is in training mode: the running "
            "statistics move away from those that the weights were trained with.",
            fix="Put the frozen part into evaluation mode after train(), such as model.backbone.eval().",
            location=frozen.location,
            subject="frozen",
            confidence=Confidence.LIKELY,
        )
    for shared in program.facts(LayerUsedTwice):
        yield Finding(
            Severity.ERROR,
            summary=f"{shared.twice} normalises in two places, and {shared.unused} is never used: its running "
            "statistics mix both.",
            fix=f"Call self.{shared.unused} here, if that is what it was made for.",
            measured={"twice": shared.twice, "unused": shared.unused},
            location=shared.location,
            subject="shared",
        )
    for old in program.facts(OldFrozenNorm):
        yield Finding(
            Severity.WARNING,
            summary="Keras up to 2.3, which this program is written for, normalises with the statistics of each batch "
            "in frozen batch norm while it trains, and with the stored ones in validation: the scores can differ "
            "widely.",
            fix="Use tf.keras of TensorFlow 2, where frozen batch norm uses the stored statistics, or train the head "
            "on the features of base.predict().",
            location=old.location,
            subject="old frozen",
            confidence=Confidence.LIKELY,
        )
    yield from _unsettled(evidence)


def _unsettled(evidence: Evidence) -> Iterator[Finding]:
    """Running statistics that the whole run does not move far enough from zero and one."""
    config = evidence.configuration
    if evidence.dataset is None or config is None or not (config.epochs.known and config.batch_size.known):
        return
    for seen in evidence.program.facts(MovingMomentum):
        updates = evidence.full_run_steps
        left = seen.momentum**updates
        if left > LARGEST_REST:
            yield Finding(
                Severity.WARNING,
                summary=f"After the {updates} updates of this run the running statistics of batch norm still hold "
                f"{left:.0%} of their initial values: validation and predict() see other values than training.",
                fix="Lower the momentum, such as BatchNormalization(momentum=0.9), or train for longer.",
                measured={"updates": updates, "momentum": seen.momentum, "left": round(left, 4)},
                location=seen.location,
                subject="momentum",
            )


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
