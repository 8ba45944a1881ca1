"""Colours that reach the network in another order than they should.

What it looks for: means of the three channels at the network beside the colours of the files that they come from, or
where no files are known the colour patterns of each class in training and validation. Blue
first in one split and red first in the other; or blue first in both where the weights are ImageNet's, which want red
first.

Why it matters: a network that learned on one order sees skin as blue and sky as orange. A pretrained one loses part of
its features.

Example: cv2.imread in the training dataset and PIL in the validation one; cv2.imread before torchvision's weights.

Fix: turn the channels: cv2.cvtColor(image, cv2.COLOR_BGR2RGB), or image[..., ::-1].

Source: OpenCV reads blue, green, red; torchvision's and timm's weights were trained on red, green, blue.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, NotExamined, Run, Severity

TURNED = 0.1  # of a class's colour pattern that occurs with the opposite sign, at least
PRETRAINED = 0.5  # share of the parameters that were loaded


def judge(evidence: Evidence) -> Iterator[Finding]:
    run = evidence.run
    order = run.training.channel_order
    if not order or not (run.validated and run.held_out.channel_order):
        found = list(_by_patterns(run))
        yield from found
        if found or (not order and run.validated and run.held_out.turned is not None):
            return
    if not order:
        raise NotExamined("the images' files, or their colours, were not seen")
    others = [feed.channel_order for feed in run.feeds if feed is not run.training and feed.channel_order]
    measured = {"training": order, "validation": others[0] if others else ""}
    if others and others[0] != order:
        yield Finding(
            Severity.ERROR,
            summary=f"The network gets {order.upper()} in training and {others[0].upper()} in validation.",
            fix="Turn the channels of one of the two, so that both are RGB.",
            measured=measured,
            location=run.held_out.location,
            confidence=Confidence.CERTAIN,
        )
    elif order == "bgr" and run.trained.pretrained > PRETRAINED and evidence.weights_want_rgb:
        yield Finding(
            Severity.WARNING,
            summary="The pretrained network gets blue, green, red, and its weights were trained on red, green, blue.",
            fix="Turn the channels: image[..., ::-1], or cv2.cvtColor(image, cv2.COLOR_BGR2RGB).",
            measured=measured,
            location=run.training.location,
            confidence=Confidence.CERTAIN,
        )


def _by_patterns(run: Run) -> Iterator[Finding]:
    """Where no files tell: the warm and cold areas of each class in training beside those in validation."""
    turned = run.held_out.turned if run.validated else None
    if turned is not None and turned[1].low > TURNED:
        yield Finding(
            Severity.WARNING,
            summary="Red and blue change places between training and validation: areas that are warm in a class's "
            "training images are cold in its validation images.",
            fix="Turn the channels of one of the two, so that both are RGB: image[..., ::-1].",
            measured={"slope": turned[0], "interval": turned[1]},
            location=run.held_out.location,
            confidence=Confidence.LIKELY,
        )


CHECK = Check("R603", "channels-in-another-order", needs=("run.training", "run.trained"), judge=judge)
