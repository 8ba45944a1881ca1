"""Pictures whose rows were cut in the wrong way.

What it looks for: neighbouring pixels of what the network gets that resemble each other less than pixels three apart
do: height, width and channels were taken for channels, height and width by a view or reshape, so that red, green and
blue lie side by side.

Why it matters: the picture is gone: three interleaved thirds of it, on which convolutions find nothing.

Example: torch.from_numpy(image).view(3, 224, 224) of an image of 224 x 224 x 3.

Fix: move the axis: .permute(2, 0, 1), or np.transpose(image, (2, 0, 1)).

Source: neighbouring pixels of photographs correlate above 0.9 and fall with distance (Ruderman and Bialek 1994).
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity

BETTER = 0.08  # by which the third neighbour correlates more than the next, where it never does in a picture


def judge(evidence: Evidence) -> Iterator[Finding]:
    for feed in evidence.run.feeds:
        seen = feed.pixels
        if seen is None or seen.neighbours is None or seen.third_neighbours is None:
            continue
        if seen.third_neighbours > seen.neighbours + BETTER:
            yield Finding(
                Severity.ERROR,
                summary=f"The {feed.part} images are scrambled: pixels three apart resemble each other "
                f"({seen.third_neighbours:.2f}) more than neighbours do ({seen.neighbours:.2f}).",
                fix="Move the channels with permute(2, 0, 1) in place of view or reshape.",
                measured={"next": seen.neighbours, "third": seen.third_neighbours},
                location=feed.location,
                confidence=Confidence.CERTAIN,
                subject=feed.part,
            )


CHECK = Check("R604", "scrambled-images", needs=("run.training",), judge=judge)
