"""A loss that does not fit what the network puts out, or the form of the labels.

What it looks for: NLLLoss without log_softmax; BCELoss without a sigmoid; a loss on logits after a sigmoid;
cross-entropy after a sigmoid; in Keras a cross-entropy on raw outputs without from_logits, softmax over a single
output, binary cross-entropy over a softmax of many classes, one-hot labels with a sparse loss or the reverse, and
binary cross-entropy of outputs and labels that differ in number.

Why it matters: the loss is computed on numbers that it does not mean: it goes negative, stays constant, or the
gradients vanish. Wrong labels stop the run, or train on a broadcast shape.

Example: Dense(1, activation="softmax"), whose output is always 1.

Fix: pair them: logits with CrossEntropyLoss or from_logits=True; log_softmax with NLLLoss; sigmoid with BCELoss.

Source: the documentation of torch.nn.NLLLoss, BCELoss and tf.keras.losses; activation (25) and loss (16) lead the
causes in 52 faulty programs of the DeepFD benchmark.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Config, Evidence, Finding, KerasLoss, NotExamined, Program, Severity

CROSS_ENTROPIES = ("categorical_crossentropy", "sparse_categorical_crossentropy")
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


def judge(evidence: Evidence) -> Iterator[Finding]:
    config = evidence.config
    wrong = (
        _in_keras(config, evidence.code) if evidence.code and evidence.code.framework == "keras" else _in_torch(config)
    )
    if wrong:
        why, fix = wrong
        yield Finding(
            Severity.ERROR,
            summary=f"{why[0].upper()}{why[1:]}.",
            fix=fix,
            measured={
                "loss": config.loss.value,
                "output_activation": config.output_activation.value,
                "outputs": config.head.value,
            },
            location=config.loss.location,
            rewrites=("exchange-loss", "single-output"),
        )


def _in_torch(config: Config) -> tuple[str, str] | None:
    loss = config.loss.get()
    why = WRONG.get((loss, config.output_activation.get()))
    return (why, FIXES[loss]) if why else None


def _in_keras(config: Config, program: Program) -> tuple[str, str] | None:
    seen = program.facts(KerasLoss)
    loss, activation, outputs = config.loss.get(), config.output_activation.get(), config.head.value
    logits = seen[0].from_logits if seen else False
    labels = seen[0].labels if len(seen) == 1 else None
    if logits is None or len({one.from_logits for one in seen}) > 1:
        raise NotExamined("whether the loss gets logits is not known")
    if activation == "softmax" and outputs == 1:
        return (
            "softmax over a single output is always 1",
            'Use sigmoid for two classes: Dense(1, activation="sigmoid").',
        )
    if loss == "categorical_crossentropy" and labels in ("int", "binary"):
        return (
            "categorical_crossentropy expects one-hot labels, and gets whole numbers",
            "Use sparse_categorical_crossentropy.",
        )
    if loss == "sparse_categorical_crossentropy" and labels == "one_hot":
        return (
            "sparse_categorical_crossentropy expects whole numbers, and gets one-hot labels",
            "Use categorical_crossentropy.",
        )
    if loss == "binary_crossentropy" and labels == "one_hot" and outputs == 1:
        return (
            "binary_crossentropy compares one output with one-hot labels",
            'Use class_mode="binary" (label_mode="binary") for two classes; for more, as many units as classes.',
        )
    if loss == "binary_crossentropy" and labels in ("int", "binary") and outputs is not None and outputs > 1:
        return (
            f"binary_crossentropy compares {outputs} outputs with one number per image",
            "Use softmax with sparse_categorical_crossentropy.",
        )
    if logits:
        if loss == "binary_crossentropy" and activation == "sigmoid":
            return (
                "the loss applies a sigmoid to outputs that went through one",
                "Drop from_logits=True, or the sigmoid.",
            )
        return None
    if loss in CROSS_ENTROPIES and activation in ("none", "relu", "sigmoid", "tanh"):
        gets = "raw outputs" if activation == "none" else f"what a {activation} gives"
        return (
            f"{loss} expects probabilities, and gets {gets}",
            "Use softmax in the last layer, or from_logits=True without one.",
        )
    if loss == "binary_crossentropy" and activation in ("none", "relu", "tanh"):
        return "binary_crossentropy expects probabilities, and gets raw outputs", "Use a sigmoid, or from_logits=True."
    if loss == "binary_crossentropy" and activation == "softmax" and outputs is not None and outputs > 2:
        return (
            f"binary_crossentropy takes the {outputs} classes of a softmax one by one",
            "Use categorical_crossentropy.",
        )
    return None


CHECK = Check("C308", "loss-activation-mismatch", needs=("config.output_activation", "config.loss"), judge=judge)
