"""Validation images that the network also trains on.

What it looks for: two random splits of one set by different seeds of which one gives the training part and one the
validation part; subsets of one folder that another seed, validation_split or shuffling cuts; two draws of indices;
slices that overlap; the training folder or array used again for validation; copies (augmented, oversampled) made
before the split; a tf.data set that is shuffled again in each epoch and then parted by take() and skip().

Why it matters: part of the score comes from images that were learned. It looks too good, rises with overfitting, and
picks the wrong epoch and the wrong setting.

Example: train, _ = random_split(set_a, [0.8, 0.2]); _, val = random_split(set_b, [0.8, 0.2]), both of one folder.

Fix: draw one split, or one permutation of the indices, and use it for both; give both splits the same generator seed;
split first, then augment or oversample the training part alone.

When it is wrong: a program that overfits a few images on purpose, as a test, validates on them as well.

Source: Keras, image_dataset_from_directory, "seed"; Kaufman et al. 2012, "Leakage in Data Mining".
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, Severity, SplitsOverlap

# By how the parts come to overlap: what is wrong, and the fix. {what} and {line} stand for the fact's.
MESSAGES = {
    "seeds": (
        "{what}() splits the images of line {line} again, by another seed: the validation part holds training images.",
        "Split once and use both parts, or give both splits the same seed.",
    ),
    "fractions": (
        "{what}() validates on a larger share of the images of line {line} than is held back there: the parts overlap.",
        "Use the same validation_split for both parts.",
    ),
    "gap": (
        "{what}() takes another validation_split than line {line}: images between the two parts are in neither.",
        "Use the same validation_split for both parts.",
    ),
    "shuffle": (
        "{what}() shuffles for one part of the images of line {line} and not for the other, so that each is cut from "
        "another order: the parts overlap.",
        "Use the same shuffle and seed for both parts.",
    ),
    "random": (
        "The indices are drawn by {what}() again, apart from those of line {line}: the parts overlap.",
        "Draw one permutation, and give each part its own slice of it.",
    ),
    "whole": (
        "The validation images are training images (line {line}).",
        "Validate on images that are not trained on.",
    ),
    "slices": (
        "The validation images are in part training images: the slices overlap those of line {line}.",
        "Cut the slices where the others end.",
    ),
    "reshuffled": (
        "The images are shuffled again in each epoch and then parted by take() and skip() (line {line}): training "
        "images move into the validation part.",
        "Shuffle after the parts are taken, or with reshuffle_each_iteration=False.",
    ),
    "copies": (
        "{what}() puts copies of images beside the images, and line {line} splits them after that: a picture trains "
        "and its copy validates.",
        "Split first, then copy, augment or oversample the training part alone.",
    ),
}


def judge(evidence: Evidence) -> Iterator[Finding]:
    for seen in evidence.program.facts(SplitsOverlap):
        summary, fix = MESSAGES[seen.how]
        yield Finding(
            Severity.WARNING if seen.how == "gap" else Severity.ERROR,
            summary=summary.format(what=seen.what, line=seen.other_line),
            fix=fix,
            measured={"other": seen.other_line},
            location=seen.location,
            subject=seen.how,
        )


CHECK = Check("C331", "splits-overlap", needs=("program",), judge=judge)
