"""Labels that the pictures contradict.

What it looks for: images of which a linear probe on frozen pretrained features, fitted without them, is sure of another
class (90% or more) and all but excludes the label (2% or less). It warns where even the lower end of the interval of
their share is above 0.75%, and where the quarter of each class that the probe is surest of has wrong labels too (lower
end above 3.5%): classes that overlap reach either, not both. Looked at are the images that the probes see, a sample of
2,100 on a CPU and of 16,000 elsewhere: of a million labels, nearly all are not examined. Not judged where the probes
saw the images much smaller than they are: at 32 px a clean set of textures of 108 px has 3% of such labels.

Why it matters: wrong labels in training cost accuracy, and in validation they hide it: no model can be seen to be
better than its labels are right.

Example: a folder of cats with dogs in it.

Fix: look at the files named, the surest first, and move those that are wrong; then scan again, since what is flagged is
a part of what is wrong.

Source: out-of-sample predictions as in confident learning, Northcutt et al. 2021, whose own thresholds flag 4 to 10% of
clean Fashion-MNIST and tuxpaint photographs; these flag 0.1 to 0.7%. With 3 to 20% of the labels flipped at random, 75
to 95% of what they flag had been flipped. The two limits were set on twelve sets (those two, the sample data, and two
to four classes of each), clean and with 4% and 10% flipped: none of the clean ones is reported, all of those with 10%
are, and about half of those with 4%.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, NotExamined, Severity

OVERLAP, OVERLAP_OF_SUREST = 0.0075, 0.035  # what clean sets stay below in one of the two
SMALL, REDUCED = 64, 2.0  # px, and times smaller than the images: below both, details that tell classes apart are lost


def judge(evidence: Evidence) -> Iterator[Finding]:
    found, side, data = evidence.probes.suspects, evidence.probes.image_size, evidence.dataset
    stored = min(data.width.median, data.height.median) if data else 0
    if side < SMALL and side * REDUCED < stored:
        raise NotExamined(f"the probes saw images of {side} px, which are {stored:.0f} px in the files")
    if found is None or found.interval.low <= OVERLAP or found.surest.low <= OVERLAP_OF_SUREST:
        return
    if evidence.probes.labels is not None and evidence.probes.labels.look_random:
        return  # P505 reports that none of them means anything
    low, high = found.interval.low, found.interval.high
    worst = found.worst[0]
    yield Finding(
        Severity.WARNING,
        summary=f"{found.count} of {found.examined} labels examined look wrong ({found.count / found.examined:.1%} "
        f"[{low:.1%}, {high:.1%}]), such as {worst.file}, labelled {worst.label} and most like {worst.likely}.",
        fix="Look at the files named, the surest first, and move those that are wrong; then scan again.",
        measured={
            "suspect": found.count,
            "examined": found.examined,
            "interval": [low, high],
            "likely": [f"{one.label} → {one.likely}" for one in found.worst],
        },
        files=tuple(one.file for one in found.worst),
        confidence=Confidence.SHOWN,
    )


CHECK = Check("D119", "suspected-label-errors", needs=("probes", "probes.suspects"), judge=judge)
