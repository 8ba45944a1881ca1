"""A loss that doesn't fit the network's outputs or the form of the labels.

What it looks for: NLLLoss without log_softmax; BCELoss without a sigmoid; a loss on logits after a sigmoid;
cross-entropy after a sigmoid; in Keras a cross-entropy on raw outputs without from_logits, softmax over a single
output, binary cross-entropy over a softmax of many classes, one-hot labels with a sparse loss or the reverse, binary
cross-entropy of outputs and labels that differ in number; regression losses for classes; labels that are divided by
255 as pixels are, or smoothed twice.

Why it matters: the loss is computed on numbers that it isn't defined for: it goes negative, stays constant, or the
gradients vanish. Wrong labels stop the run, or train on a broadcast shape. A squared error of a softmax learns, but its
gradient vanishes where the network is confidently wrong.

Example: Dense(1, activation="softmax"), whose output is always 1.

Fix: pair them: logits with CrossEntropyLoss or from_logits=True; log_softmax with NLLLoss; sigmoid with BCELoss;
softmax with categorical_crossentropy for one-hot labels, sparse_categorical_crossentropy for whole numbers.

When it is wrong: distillation and the Brier score compare probabilities by a squared error on purpose.

Source: the documentation of torch.nn.NLLLoss, BCELoss and tf.keras.losses; activation (25) and loss (16) lead the
causes in 52 faulty programs of the DeepFD benchmark.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from diagnose.model import (
    Check,
    Config,
    Evidence,
    Finding,
    KerasLoss,
    LabelsScaled,
    LabelsSmoothed,
    Location,
    NotExamined,
    Program,
    Severity,
)

CROSS_ENTROPIES = ("categorical_crossentropy", "sparse_categorical_crossentropy")
OF_VALUES = {"mse": "mean squared error", "l1": "mean absolute error", "smooth_l1": "smooth L1", "huber": "Huber loss",
             "mean_squared_error": "mean squared error", "mean_absolute_error": "mean absolute error",
             "log_cosh": "log-cosh"}  # fmt: skip
# (loss, activation) in PyTorch: what is wrong with it.
WRONG = {
    ("nll", "none"): "nll_loss expects log-probabilities, and gets raw outputs",
    ("nll", "softmax"): "nll_loss expects log-probabilities, and gets probabilities",
    ("nll", "sigmoid"): "nll_loss expects log-probabilities, and gets a sigmoid's",
    ("bce", "none"): "binary cross-entropy expects probabilities, and gets raw outputs",
    ("bce", "log_softmax"): "binary cross-entropy expects probabilities, and gets their logarithms",
    ("bce_with_logits", "sigmoid"): "the loss applies a sigmoid to outputs that went through one",
    ("bce_with_logits", "softmax"): "the loss applies a sigmoid to outputs that went through softmax",
    ("cross_entropy", "sigmoid"): "cross-entropy applies softmax to outputs that a sigmoid squeezed into 0..1",
    ("cross_entropy", "relu"): "cross-entropy gets outputs that a ReLU cut at zero",
}
FIXES = {"nll": "Use cross_entropy on the raw outputs, or log_softmax.",
         "bce": "Use BCEWithLogitsLoss on the raw outputs.",
         "bce_with_logits": "Give the loss the raw outputs.",
         "cross_entropy": "Give the loss the raw outputs."}  # fmt: skip


@dataclass(frozen=True)
class Mismatch:
    """What does not fit, what to do, and where. at: None for the line of the loss."""

    why: str
    fix: str
    at: Location | None = None
    severity: Severity = Severity.ERROR


def judge(evidence: Evidence) -> Iterator[Finding]:
    config, program = evidence.config, evidence.code
    in_keras = program is not None and program.framework == "keras"
    wrong = _in_keras(config, program) if program is not None and in_keras else _in_torch(config)
    if wrong is not None:
        yield Finding(
            wrong.severity,
            summary=f"{wrong.why[0].upper()}{wrong.why[1:]}.",
            fix=wrong.fix,
            measured={
                "loss": config.loss.value,
                "output_activation": config.output_activation.value,
                "outputs": config.head.value,
            },
            location=wrong.at or config.loss.location,
            rewrites=("replace-loss", "single-output", "outputs-as-probabilities"),
        )
    if program is not None:
        yield from _on_labels(program)


def _on_labels(program: Program) -> Iterator[Finding]:
    for scaled in program.facts(LabelsScaled):
        if scaled.loss in CROSS_ENTROPIES:
            yield Finding(
                Severity.ERROR,
                summary=f"The labels are divided by 255 as if they were pixels: {scaled.loss} gets no classes.",
                fix="Divide the images alone.",
                measured={"loss": scaled.loss},
                location=scaled.location,
                subject="scaled labels",
                rewrites=("keep-labels",),
            )
    for smoothed in program.facts(LabelsSmoothed):
        line = f" (line {smoothed.loss})" if smoothed.loss else ""
        yield Finding(
            Severity.WARNING,
            summary=f"The labels are smoothed here, and once more by the loss{line}.",
            fix="Smooth them once: drop label_smoothing, or give the loss the labels as they are.",
            measured={"smoothing": smoothed.smoothing},
            location=smoothed.location,
            subject="smoothed twice",
        )


def _in_torch(config: Config) -> Mismatch | None:
    loss, activation, outputs = config.loss.get(), config.output_activation.get(), config.head.value
    why = WRONG.get((loss, activation))
    if why:
        return Mismatch(why, FIXES[loss])
    if activation != "softmax":
        return None
    if outputs == 1:
        return Mismatch("softmax over a single output is always 1", "Use a sigmoid for two classes.",
                        config.output_activation.location)  # fmt: skip
    if loss == "bce" and outputs is not None and outputs > 2:
        return Mismatch(f"binary cross-entropy takes the {outputs} classes of a softmax one by one",
                        "Use CrossEntropyLoss on the raw outputs.")  # fmt: skip
    if loss in OF_VALUES:
        return _values(loss, "Use CrossEntropyLoss on the raw outputs.")
    return None


def _values(loss: str, fix: str) -> Mismatch:
    why = f"the {OF_VALUES[loss]} is for values, and gets the probabilities of classes"
    return Mismatch(f"{why}: its gradient vanishes where the network is surely wrong", fix, severity=Severity.WARNING)


def _in_keras(config: Config, program: Program) -> Mismatch | None:
    seen = program.facts(KerasLoss)
    loss, activation, outputs = config.loss.get(), config.output_activation.get(), config.head.value
    logits = seen[0].from_logits if seen else False
    labels = seen[0].labels if len(seen) == 1 else None
    last = config.output_activation.location
    if logits is None or len({one.from_logits for one in seen}) > 1:
        raise NotExamined("whether the loss gets logits is not known")
    if activation == "softmax" and outputs == 1:
        return Mismatch("softmax over a single output is always 1",
                        'Use sigmoid for two classes: Dense(1, activation="sigmoid").', last)  # fmt: skip
    return (
        _of_labels(loss, labels, outputs)
        or (_of_values(loss, activation, labels, outputs) if loss in OF_VALUES else None)
        or (_of_logits(loss, activation) if logits else _of_probabilities(config, last))
    )


def _of_labels(loss: str, labels: str | None, outputs: int | None) -> Mismatch | None:
    """Labels of another form than the loss compares."""
    whole = labels in ("int", "binary")
    if loss == "categorical_crossentropy" and whole:
        return Mismatch("categorical_crossentropy expects one-hot labels, and gets whole numbers",
                        "Use sparse_categorical_crossentropy.")  # fmt: skip
    if loss == "sparse_categorical_crossentropy" and labels == "one_hot":
        return Mismatch("sparse_categorical_crossentropy expects whole numbers, and gets one-hot labels",
                        "Use categorical_crossentropy.")  # fmt: skip
    if loss == "binary_crossentropy" and labels == "one_hot" and outputs == 1:
        return Mismatch(
            "binary_crossentropy compares one output with one-hot labels",
            'Use class_mode="binary" (label_mode="binary") for two classes; for more, as many units as classes.',
        )
    if loss == "binary_crossentropy" and whole and outputs is not None and outputs > 1:
        return Mismatch(f"binary_crossentropy compares {outputs} outputs with one number per image",
                        "Use softmax with sparse_categorical_crossentropy.")  # fmt: skip
    return None


def _of_values(loss: str, activation: str, labels: str | None, outputs: int | None) -> Mismatch | None:
    """A loss of regression, where what it compares are certainly classes."""
    instead = "sparse_categorical_crossentropy" if labels == "int" else "categorical_crossentropy"
    several = outputs is not None and outputs > 1
    if labels in ("int", "binary") and several:
        why = f"the {OF_VALUES[loss]} compares {outputs} outputs with one number per image"
        return Mismatch(why, "Use softmax with sparse_categorical_crossentropy.")
    if labels == "one_hot" and activation == "log_softmax":
        why = f"the {OF_VALUES[loss]} compares the logarithms of probabilities with labels of 0 and 1"
        return Mismatch(why, f"Use softmax with {instead}.")
    if (activation == "softmax" and several) or (labels == "one_hot" and activation == "none"):
        return _values(loss, f"Use softmax with {instead}.")
    if activation == "sigmoid" and outputs == 1 and labels == "binary":
        return _values(loss, "Use binary_crossentropy.")
    return None


def _of_logits(loss: str, activation: str) -> Mismatch | None:
    if loss == "binary_crossentropy" and activation == "sigmoid":
        return Mismatch("the loss applies a sigmoid to outputs that went through one",
                        "Drop from_logits=True, or the sigmoid.")  # fmt: skip
    return None


def _of_probabilities(config: Config, last: Location | None) -> Mismatch | None:
    """A cross-entropy that expects probabilities, by the activation of the last layer."""
    loss, activation, outputs = config.loss.get(), config.output_activation.get(), config.head.value
    line = f" (line {config.loss.line})" if config.loss.line else ""
    if loss in CROSS_ENTROPIES and activation in ("none", "relu", "sigmoid", "tanh", "log_softmax"):
        gets = "raw outputs" if activation == "none" else f"what a {activation} gives"
        return Mismatch(f"{loss}{line} expects probabilities, and gets {gets}",
                        "Use softmax in the last layer, or from_logits=True without one.", last)  # fmt: skip
    if loss == "binary_crossentropy" and activation in ("none", "relu", "tanh"):
        return Mismatch(f"binary_crossentropy{line} expects probabilities, and gets raw outputs",
                        "Use a sigmoid, or from_logits=True.", last)  # fmt: skip
    if loss == "binary_crossentropy" and activation == "softmax" and outputs is not None and outputs > 2:
        return Mismatch(f"binary_crossentropy takes the {outputs} classes of a softmax one by one",
                        "Use categorical_crossentropy.")  # fmt: skip
    return None


CHECK = Check("C308", "loss-activation-mismatch", needs=("config.output_activation", "config.loss"), judge=judge)
