"""Values at the network's first layer that no usual scaling gives.

What it looks for: training images whose values, where they reach the first layer with weights, are 0..255 where nothing
centres them; next to nothing, as after two divisions by 255; spread far beyond what one normalisation gives; one and
the same everywhere; or not numbers at all. A network that scales by itself is judged behind that.

Why it matters: the first layer is initialised, or pretrained, for values around 1. A hundred times more or less makes
the first steps wild or all images alike.

Example: torch.from_numpy(image).float() without a division; ToTensor followed by another / 255.

When it is wrong: a network made for other values on purpose, such as one with its own normalisation in a layer without
weights behind the first one.

Fix: scale once: pixels divided by 255, then mean and std of that scale.

Source: torchvision's weights document inputs "rescaled to [0.0, 1.0] and then normalized"; networks of Caffe's family
take 0..255 less the mean, which spans -124..151.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, NotExamined, Pixels, Severity
from diagnose.model.pixels import FAINT, TWICE

WIDE = 20.0  # standard deviation, far above that of any normalised image and below that of pixels of 0..255


def judge(evidence: Evidence) -> Iterator[Finding]:
    feed = evidence.run.training
    seen = feed.pixels
    if seen is None:
        raise NotExamined("the run saw no image reach a layer with weights")
    what = _wrong(seen, evidence)
    if what:
        severity, text, fix = what
        yield Finding(
            severity,
            summary=f"What reaches the network's first layer ({seen.first_layer}) {text}: "
            f"{seen.low:.3g} to {seen.high:.3g}, mean {seen.mean:.3g}, standard deviation {seen.std:.3g}.",
            fix=fix,
            measured={"low": seen.low, "high": seen.high, "mean": seen.mean, "std": seen.std, "finite": seen.finite},
            location=feed.location,
            confidence=Confidence.CERTAIN,
        )


def _wrong(seen: Pixels, evidence: Evidence) -> tuple[Severity, str, str] | None:
    if seen.finite < 1:
        fix = "Find what makes them: a division by a standard deviation of 0, or unreadable values in the files."
        return Severity.ERROR, f"is not a number in {1 - seen.finite:.1%} of its values", fix
    if len(seen.shape) < 3 or seen.normalised_within:
        return None
    if seen.std == 0:
        fix = "Find where it becomes constant: a division of whole numbers, or a conversion to them, is usual."
        return Severity.ERROR, "is one and the same value everywhere", fix
    if seen.low >= 0 and seen.std > WIDE:
        if evidence.code is not None and evidence.takes_raw_pixels:
            return None
        certain = evidence.run.trained.batch_norms == 0 or evidence.run.trained.pretrained > 0.5
        severity = Severity.ERROR if certain else Severity.WARNING
        return severity, "is pixels of 0..255", "Divide by 255 first, then normalise."
    if seen.std < FAINT and max(abs(seen.low), abs(seen.high)) < 0.1:
        return Severity.ERROR, "is next to nothing, as if scaled twice", "Divide by 255 once: drop one of the two."
    if TWICE < seen.std < WIDE and seen.low < 0:
        return Severity.WARNING, "is spread as if normalised twice", "Normalise once: drop one of the two."
    return None


CHECK = Check("R601", "wrong-input-range", needs=("run.training", "run.trained"), judge=judge)
