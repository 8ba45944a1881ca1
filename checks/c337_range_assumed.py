"""A conversion that assumes the wrong type or range of images.

What it looks for: images that are floats of 0..255 already where ToTensor or tf.image.convert_image_dtype is meant to
scale them, and that nothing else scales; and in one list of torchvision's transforms a ToTensor that is given a tensor,
by a ToTensor or PILToTensor before it.

Why it matters: both divide by 255 only what is in whole numbers. Behind astype(np.float32), or tf.image.resize, which
gives floats, they scale nothing: the first layer sees values a hundred times larger than it was initialised, or
pretrained, for. ToTensor takes pictures and arrays, and raises TypeError at a tensor.

What other checks name: pixels of 0..255 without any such step are N201. A division by 255 on top of albumentations'
Normalize, which divides by itself, is N202. Pictures of cv2 beside those of PIL are N207.

Example: image = cv2.resize(image, (224, 224)).astype(np.float32), then T.ToTensor(); T.Compose([T.ToTensor(),
T.Resize(224), T.ToTensor(), norm]).

Fix: divide by 255 where the floats are made, or leave the images in whole numbers up to that step; keep one ToTensor.

When it is wrong: a class of the program's own that is called ToTensor is not looked at.

Source: torchvision.transforms.ToTensor: "Converts a PIL Image or numpy.ndarray (H x W x C) in the range [0, 255] to a
torch.FloatTensor [...] if the numpy.ndarray has dtype = np.uint8. In the other cases, tensors are returned without
scaling."; tf.image.convert_image_dtype: "Images that are represented using floating point values are expected to have
values in the range [0,1)"; tf.image.resize: "The return value has type float32".
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import (
    IMAGENET_MEAN,
    IMAGENET_STD,
    UNIT_STEP,
    Check,
    Confidence,
    ConvertedTwice,
    Evidence,
    Finding,
    Severity,
    UnscaledFloats,
)


def judge(evidence: Evidence) -> Iterator[Finding]:
    for seen in evidence.program.facts(ConvertedTwice):
        line = f" (line {seen.first.line})" if seen.first.line else ""
        yield Finding(
            Severity.ERROR,
            summary=f"ToTensor is given a tensor, which another step{line} made: it raises TypeError.",
            fix="Drop this ToTensor.",
            measured={"first": seen.first.line},
            location=seen.location,
        )
    for floats in evidence.program.facts(UnscaledFloats)[:1]:
        if evidence.config.scaling.known and evidence.raw_pixels_by_mistake and not evidence.saw_usual_input:
            yield _of_floats(floats, evidence)


def _of_floats(floats: UnscaledFloats, evidence: Evidence) -> Finding:
    config = evidence.config
    known = config.mean.known and config.std.known
    units = ", and mean and std are of pixels of 0..1" if known and config.mean.value else ""
    normalised = {"mean": IMAGENET_MEAN, "std": IMAGENET_STD} if config.mean.value == () else {}
    return Finding(
        Severity.ERROR if known else Severity.WARNING,
        summary=f"The network is fed pixels of 0..255: {floats.by} does not divide floats by 255{units}.",
        fix="Divide by 255 here, or leave the images in whole numbers up to that step.",
        measured={"scaling": [], "mean": config.mean.value, "std": config.std.value},
        location=floats.location,
        changes=config.also_held_out(scaling=(UNIT_STEP,), **normalised),
        confidence=Confidence.CERTAIN if known else Confidence.LIKELY,
    )


CHECK = Check("C337", "range-assumed", needs=("program",), judge=judge)
