"""Single faults that a run saw as they happened, by kind, and the findings that checks make of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from diagnose.model.basics import Confidence, Location, Severity
from diagnose.model.finding import Finding

EACH_WITH_EACH, WORKERS_ALIKE, STALE_WORKERS = "each with each", "workers alike", "stale workers"
WRONG_WAY, SEEDED_AGAIN = "wrong way", "seeded again"
# Each kind, and what it says.
MISTAKES = {
    "trainable after compile": "layers were frozen or unfrozen after compile(), which only the next one heeds",
    "shuffled predictions": "predictions come in the order of a shuffling generator, and .classes is in file order",
    "few steps": "steps_per_epoch leaves out most of the images",
    "monitor missing": "a callback monitors a value that is never logged",
    "cached augmentation": "augmented images are cached, so that every epoch sees the same",
    "accumulation divided twice": "the loss is divided by the number of accumulated batches twice",
    "accumulation without effect": "gradients are not accumulated, though the library is asked to",
    "probabilities taken for logits": "outputs are probabilities, and the loss takes them for logits",
    "logits taken for probabilities": "outputs are logits, and the loss takes them for probabilities",
    "one output for more than one class": "a binary loss on one output gets class numbers above 1",
    EACH_WITH_EACH: "answers of the shape (N, 1) are compared with N labels, each with each",
    WORKERS_ALIKE: "worker_init_fn gives every worker the same random numbers",
    STALE_WORKERS: "the dataset is changed between epochs, and persistent workers keep the copies that they began with",
    SEEDED_AGAIN: "the random numbers are set back to the same before each epoch, which shuffles and augments alike",
    "accumulation not as asked": "the optimizer waits for more batches than the library is asked to accumulate",
    "rate in a copy": "the learning rate is written into a copy, and the optimizer keeps its own",
    "loss summed": "the loss is the sum over a batch, at a learning rate for its mean",
    "mean over classes too": "kl_div with reduction='mean' divides by the classes as well as by the images",
    WRONG_WAY: "what grows as the network gets better is watched as if it should fall, or the other way round",
    "metric not emptied": "a metric is computed over more than one pass",
    "loss maximised": "the loss is differentiated with the opposite sign, so that each step makes it larger",
    "activation before the loss": "an activation bounds the outputs before a loss that takes any number",
    "softmax over the batch": "softmax runs over the images of a batch and not over the classes",
    "weights favour frequent classes": "the loss weighs the classes that have most images most",
    "labels smoothed away": "label smoothing leaves the right class little more than the others",
    "nearly everything dropped": "dropout sets nearly all values to zero",
    "optimizer made again": "the optimizer is made again all the time, and forgets its averages each time",
    "one layer in several places": "one layer with its weights stands in several places in a row",
}


@dataclass(frozen=True)
class Mistake:
    """One fault, seen as it happened. kind: a key of MISTAKES; detail: what was seen, in words."""

    kind: str
    detail: str = ""
    location: Location | None = None


def found(mistakes: Iterable[Mistake], rules: Mapping[str, tuple[Severity, str]]) -> Iterator[Finding]:
    """A finding for each mistake of the kinds in `rules`, which give the severity and the fix."""
    for mistake in mistakes:
        if mistake.kind in rules:
            severity, fix = rules[mistake.kind]
            text = MISTAKES[mistake.kind]
            yield Finding(
                severity,
                summary=f"{text[:1].upper()}{text[1:]}{': ' + mistake.detail if mistake.detail else ''}.",
                fix=fix,
                measured={"kind": mistake.kind},
                location=mistake.location,
                confidence=Confidence.CERTAIN,
                subject=mistake.kind,
            )
