"""Colour channels in a different order or form from what the pretrained weights expect.

What it looks for: images read by OpenCV (blue, green, red) and never turned, with pretrained weights, or beside a
dataset whose images PIL reads (red, green, blue); in Keras
another family's preprocess_input in front of weights that want "caffe" input (BGR, mean subtracted, not scaled), or
"caffe" input in front of weights that want something else.

Why it matters: the first filters are tuned to colours and ranges. Swapped channels cost some points; a different range
turns the features into noise.

Example: preprocess_input of mobilenet_v2 before ResNet50(weights="imagenet").

Fix: cv2.cvtColor(image, cv2.COLOR_BGR2RGB); the preprocess_input from the network's own module.

Source: keras.applications.imagenet_utils.preprocess_input, modes caffe, tf, torch; on a user's 2,000 images a frozen
ResNet50 with another input form reached 50% in place of 98%."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import BgrImages, Check, Confidence, Evidence, Finding, Severity

FORMS = {
    "caffe": "BGR with the mean subtracted",
    "tf": "RGB in -1..1",
    "torch": "RGB normalised by ImageNet's statistics",
}


def judge(evidence: Evidence) -> Iterator[Finding]:
    config, program = evidence.config, evidence.program
    mixed = [seen for seen in program.facts(BgrImages) if seen.mixed]
    if config.from_scratch and not mixed:
        return
    own = config.preprocessing
    if own.known and program.weights_want and program.fed and program.fed != program.weights_want:
        yield Finding(
            Severity.ERROR,
            summary=f"{own.get()}'s preprocess_input gives {FORMS.get(program.fed, program.fed)}; the weights of "
            f"{config.model.value} expect {FORMS.get(program.weights_want, program.weights_want)}.",
            fix="Import preprocess_input from the network's own module.",
            measured={"fed": program.fed, "expected": program.weights_want},
            location=own.location,
            subject="preprocess_input",
        )
    for seen in mixed if config.from_scratch else program.facts(BgrImages):
        yield Finding(
            Severity.WARNING,
            summary=f"{seen.reader} gives blue, green, red; "
            + (
                "other images of the program are read as red, green, blue."
                if seen.mixed
                else "the pretrained weights expect red, green, blue."
            ),
            fix="Turn them: set to_rgb=True beside the mean."
            if seen.reader.startswith("mmcv")
            else "Turn them: cv2.cvtColor(image, cv2.COLOR_BGR2RGB).",
            measured={"reader": seen.reader},
            location=seen.location,
            confidence=Confidence.LIKELY,
            subject="reader",
        )


CHECK = Check("N207", "channel-order", needs=("program", "config.weights"), judge=judge)
