"""A checkpoint that scores far better on another input than the one it is evaluated with.

What it looks for: the checkpoint is evaluated on validation images as the program feeds them (else as is usual),
then under single changes: RGB or BGR, pixels of 0..1, 0..255 or -1..1, other mean and std, none or twice, squashed,
cropped or with bars, other sizes and ways to resize. A change is reported that was chosen on one half of the images
and restores the score on the other: at least 6 points and a tenth of the errors (a fifth by resizing), with a paired
interval, corrected for the number of changes, that excludes zero. Where the held-out images are too few for that,
training images are looked at as well.

Why it matters: weights are tuned to the input of their training. The same image in another form gives "98% in
training, chance in evaluation", and no error message.

Example: trained on Pillow's images, evaluated on cv2.imread's, without cv2.cvtColor(image, cv2.COLOR_BGR2RGB).

Fix: one function that prepares images, for training, validation and prediction.

When it is wrong: the images of DATA differ from those of training in the same way, such as scans with swapped
channels; then the images are what to change. Without a program the usual input (0..1, ImageNet's mean and std, a
square) is what it is compared with, so that the finding says what the weights want, and not that anything is wrong.

Source: measured here; on a user's 2,000 images a frozen ResNet50 with another input form reached 50% in place of
98%. Larger test images alone gain 1 to 4 points on sound networks (Touvron et al. 2019), which isn't reported."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity
from diagnose.model.checkpoint import CHANNELS, GEOMETRY, INPUT_KINDS, NORMALISATION, RANGE

FIXES = {
    CHANNELS: "Give it the channels in the order of its training: image[..., ::-1], or cv2.cvtColor.",
    RANGE: "Scale the pixels as in training.",
    NORMALISATION: "Normalise as in training.",
    GEOMETRY: "Resize as in training.",
}


def judge(evidence: Evidence) -> Iterator[Finding]:
    restored = evidence.checkpoint.restored
    if restored is None or restored.kind not in INPUT_KINDS:
        return
    yield Finding(
        Severity.ERROR if restored.read else Severity.INFO,
        summary=f"The checkpoint {restored.scores}.",
        fix=f"{FIXES[restored.kind]} It scores with {restored.words}.",
        measured={
            "change": restored.words,
            **restored.measured,
            "changes_tried": restored.changes,
        },
        location=restored.location,
        confidence=Confidence.SHOWN,
        subject=restored.kind,
    )


CHECK = Check("K705", "input-differs", needs=("checkpoint.accuracy",), judge=judge)
