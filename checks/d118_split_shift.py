"""Validation or test images that look different from the training images.

What it looks for: two things. By the scan's own numbers, whether these images differ from the training images of the
same class in brightness, contrast, colour cast, size, shape, sharpness, bytes per pixel, the blocks of an earlier JPEG
encoder, format, mode, bars, or in being grey; whether red and blue look swapped; and whether the classes' shares
differ. By frozen pretrained features, where a probe ran, whether a linear probe can distinguish the two splits, out of
sample and class by class. An area under the ROC curve of 0.5 means not at all; it warns where the whole interval lies
above 0.65 for features and above 0.75 for a single number, or where a quarter of the images would have to change their
format, mode, bars, greyness or class for the shares to agree. Red and blue look swapped where at least half of what
distinguishes warm from cold places in the training images returns with the opposite sign, class by class, with the
lower end of its interval; 1,500 of CIFAR-10's test images give -0.99, where -1 is the same. Shares that are even in
that split are only worth knowing, since a balanced test set is often meant.

Why it matters: validation then measures a different task from the one that is trained, and may select the wrong
checkpoint; or the full training run learns from images unlike those it will be used on.

Example: training photographs by day, validation by night; one split saved at another quality or size; validation with
its channels swapped.

Fix: look at pictures of both splits side by side; draw the splits again at random by the source of the pictures, or
keep the shift on purpose and report it.

Source: classifier two-sample tests, Lopez-Paz & Oquab 2017; the interval by Hanley & McNeil 1982. Random splits of
Fashion-MNIST, the tuxpaint photographs and the sample data give areas of 0.47 to 0.54 by features.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, MeasuredShift, Severity, listed

APART, APART_BY_NUMBER = 0.65, 0.75
SHARES_APART = 0.25
SWAPPED = 0.5  # of the pattern, which returns by 1 where all is swapped and by 0 where nothing is alike
EVEN = 1.5  # times as many images in the largest class as in the smallest, up to which a split is balanced
KINDS = ("format", "mode", "colours", "bars", "class shares")
BY_THEMSELVES = ("class shares", "channels")


def judge(evidence: Evidence) -> Iterator[Finding]:
    yield from _by_numbers(evidence)
    shift = evidence.measured.shift if evidence.measured else None
    if shift is not None and shift.interval.low > APART:
        yield Finding(
            Severity.WARNING,
            summary="Training and validation images of the same class can be separated: area under the curve "
            f"{shift.auc:.2f} [{shift.interval.low:.2f}, {shift.interval.high:.2f}], where 0.5 is chance.",
            fix="Look at both splits side by side; draw them again at random, by the source of the pictures.",
            measured={"auc": shift.auc, "interval": [shift.interval.low, shift.interval.high], "images": shift.images},
            confidence=Confidence.SHOWN,
        )


def _by_numbers(evidence: Evidence) -> Iterator[Finding]:
    """One finding a split for what its images differ in, and one for its classes' shares."""
    far = [one for one in evidence.data.shifts if one.interval.low > _limit(one)]
    for split in dict.fromkeys(one.split for one in far):
        own = [one for one in far if one.split == split]
        seen = [one for one in own if one.attribute not in BY_THEMSELVES]
        if seen:
            yield Finding(
                Severity.WARNING,
                summary=f"The {split} images differ from the training images of the same class in "
                f"{listed([_described(one) for one in seen[:3]])}.",
                fix="Look at both splits side by side; draw them again at random, by the source of the pictures, or "
                "prepare both alike.",
                measured={one.attribute: [one.size, one.interval.low, one.interval.high] for one in seen},
                confidence=Confidence.SHOWN,
                subject=f"{split} images",
            )
        for one in own:
            if one.attribute == "class shares":
                yield _of_shares(evidence, one)
            elif one.attribute == "channels":
                yield _of_channels(one)


def _limit(one: MeasuredShift) -> float:
    if one.attribute == "channels":
        return SWAPPED
    return SHARES_APART if one.attribute in KINDS else APART_BY_NUMBER


def _described(one: MeasuredShift) -> str:
    if one.train == one.held:
        return f"{one.attribute} ({one.size:.0%} of the images would have to change)"
    if isinstance(one.train, str) or isinstance(one.held, str):
        return f"{one.attribute} (mostly {one.train}, here {one.held})"
    return f"{one.attribute} (median {one.train:.3g}, here {one.held:.3g})"


def _of_channels(one: MeasuredShift) -> Finding:
    return Finding(
        Severity.WARNING,
        summary=f"Red and blue look swapped in the {one.split} images: {one.size:.0%} of the training images' pattern "
        "of warm and cold places returns with the opposite sign.",
        fix="Look at both splits side by side; write the images again with their channels as RGB (OpenCV has BGR).",
        measured={"returned": one.size, "interval": [one.interval.low, one.interval.high], "images": one.images},
        confidence=Confidence.SHOWN,
        subject=f"{one.split} channels",
    )


def _of_shares(evidence: Evidence, one: MeasuredShift) -> Finding:
    counts = [count for count in evidence.data.counts[one.split].values() if count]
    even = max(counts) <= EVEN * min(counts)
    return Finding(
        Severity.INFO if even else Severity.WARNING,
        summary=f"The classes' shares differ between training and {one.split}: {one.train} of the training images, "
        f"{str(one.held).rpartition(' ')[2]} of these.",
        fix="Draw the split at random, class by class (stratified), unless the difference is meant.",
        measured={"distance": one.size, "interval": [one.interval.low, one.interval.high]},
        confidence=Confidence.SHOWN,
        subject=f"{one.split} class shares",
    )


CHECK = Check("D118", "split-shift", needs=("data",), judge=judge)
