"""The class can be predicted from metadata alone, without the content.

What it looks for: how well size, file format, bars at opposite edges, the blocks that an earlier JPEG encoder left in
the pixels, border, surroundings, grey pictures among coloured ones, sharpness, brightness, mean colour, bytes per
pixel, or the order of a manifest predict the class of images that the rule was not fitted on (five folds, a naive Bayes
classifier on histograms; the mean over classes, so that chance is 1 / classes). Reported is what reaches at least half
of the way from chance to certainty with the lower end of its interval, and four fifths for border (its colour, where it
is even), surroundings, grey, sharpness, brightness, colour and bytes, which the content itself may set. The
surroundings (mean colour of the outer eighths) count only where the middle half predicts the class less than half of
the way: where both do, it is the colour of the content. Where the classes as a whole cannot be predicted, single
classes that can be separated from all others are reported: the share of a class's images that are recognised plus the
share of the others that are not taken for it, less one, reaches half, or seven tenths for what the content may set,
with its lower bound, corrected for the number of classes and attributes. Sharpness, brightness, colour and bytes often
are content, as by day and by night: they are only worth knowing. Sharpness and blocks are measured in full decodes, of
which large JPEGs have a sample only: a class with fewer than 20 in it is left out.

Why it matters: the network learns the shortcut, which is easier than the content, and fails where it is missing, while
the validation accuracy, which has the same shortcut, looks fine.

Example: the cats came as JPEG from a website, the dogs as PNG from another; one class was photographed on white.

Fix: bring all images to one size and format, or collect the classes in the same way; then look whether the accuracy
holds on images from elsewhere.

Source: Geirhos et al. 2020, "Shortcut learning in deep neural networks"; Zech et al. 2018 for a hospital recognised by
its scanner's marks. The limits are ours, set so that Fashion-MNIST and two collections of photographs stay silent.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, NotExamined, Severity, Shortcut, listed

ARTEFACT, CONTENT = 0.5, 0.8  # of the way from chance to certainty
ALONE = 0.7  # of a single class in place of CONTENT: no more is reached by the bound of a perfect cue of 50 images
FEWEST = 20  # images per class that the classifier asks for
OF_THE_CONTENT = ("border", "surround", "grey", "sharpness", "brightness", "colour", "bytes")
WORTH_KNOWING = ("sharpness", "brightness", "colour", "bytes", "order")
WORDS = {
    "size": "the size of the images",
    "format": "the file format",
    "border": "the border of the images",
    "bars": "a pair of bars at opposite edges",
    "blocks": "the trace of an earlier JPEG encoder",
    "surround": "the colour around the middle",
    "grey": "being grey or coloured",
    "sharpness": "the sharpness",
    "brightness": "the brightness",
    "colour": "the mean colour",
    "bytes": "the bytes a pixel",
    "order": "the place in the list",
}


def judge(evidence: Evidence) -> Iterator[Finding]:
    if evidence.dataset is not None and evidence.dataset.several is not None:
        raise NotExamined("images have several labels each")
    shortcuts = evidence.data.shortcuts
    if not shortcuts and len(evidence.data.classes) > 1 and min(evidence.data.per_class.values(), default=0) < FEWEST:
        raise NotExamined(f"fewer than {FEWEST} images per class: too few to separate a shortcut from chance")
    for one in shortcuts:
        if one.attribute not in WORDS or (one.attribute == "surround" and not _is_background(shortcuts)):
            continue
        limit = CONTENT if one.attribute in OF_THE_CONTENT else ARTEFACT
        if one.gain < limit:
            yield from _of_classes(one, min(limit, ALONE))
            continue
        span = f"{100 * one.accuracy:.0f}% [{100 * one.interval.low:.0f}, {100 * one.interval.high:.0f}]"
        yield Finding(
            Severity.INFO if one.attribute in WORTH_KNOWING else Severity.WARNING,
            summary=f"{_named(one)} alone predicts the class of {span} of the images "
            f"(chance: {100 * one.chance:.0f}%).",
            fix=_fix(one.attribute),
            measured={
                "attribute": one.attribute,
                "accuracy": one.accuracy,
                "interval": [one.interval.low, one.interval.high],
                "chance": one.chance,
                "images": one.images,
                "surest_classes": dict(one.surest),
            },
            confidence=Confidence.LIKELY if one.attribute in OF_THE_CONTENT else Confidence.SHOWN,
            subject=one.attribute,
        )


def _named(one: Shortcut) -> str:
    words = WORDS[one.attribute]
    return words[0].upper() + words[1:]


def _is_background(shortcuts: tuple[Shortcut, ...]) -> bool:
    """Whether the surroundings predict the class where neither the middle nor a border or bars do, which are named
    instead."""
    by_name = {one.attribute: one for one in shortcuts}
    return not any(_predicts(by_name[name], ARTEFACT) for name in ("middle", "border", "bars") if name in by_name)


def _predicts(one: Shortcut, limit: float) -> bool:
    return one.gain >= limit or any(gain >= limit for _, gain in one.alone)


def _of_classes(one: Shortcut, limit: float) -> Iterator[Finding]:
    """Single classes that an attribute separates from all others, where it doesn't predict the classes as a whole."""
    names = [name for name, gain in one.alone if gain >= limit]
    if names:
        several = len(names) > 1
        yield Finding(
            Severity.INFO if one.attribute in WORTH_KNOWING else Severity.WARNING,
            summary=f"{_named(one)} alone predicts {listed(names)} from all other classes"
            f"{', each of them' if several else ''}.",
            fix=_fix(one.attribute),
            measured={"attribute": one.attribute, "classes": dict(one.alone)},
            confidence=Confidence.LIKELY if one.attribute in OF_THE_CONTENT else Confidence.SHOWN,
            subject=f"{one.attribute} of classes",
        )


def _fix(attribute: str) -> str:
    if attribute == "order":
        return "Shuffle all of it before training; a shuffle buffer that is shorter than a class is not enough."
    if attribute in OF_THE_CONTENT:
        return "If the classes do not mean this, collect them alike; then look whether the accuracy holds elsewhere."
    return "Bring all images to one size and format, or collect the classes in the same way."


CHECK = Check("D117", "shortcut-predicts-class", needs=("data",), judge=judge)
