"""A conversion of images that assumes another form of them than they have.

What it looks for: in one list of torchvision's transforms a ToTensor that is given a tensor, by a ToTensor or
PILToTensor before it.

Why it matters: ToTensor takes pictures and arrays, and raises TypeError at the first image.

What other checks name: ToTensor, ConvertImageDtype and ToDtype(scale=True) divide by 255 only what is in whole numbers.
Arrays of floats (astype(np.float32)) pass through as 0..255: N201. A division by 255 on top of albumentations'
Normalize, which divides by itself, is N202. Pictures of cv2 beside those of PIL are N207.

Example: T.Compose([T.ToTensor(), T.Resize(224), T.ToTensor(), norm]).

Fix: keep one of them, or go back by ToPILImage in between.

When it is wrong: with an own class that is called ToTensor it is not looked at.

Source: torchvision.transforms.ToTensor: "Converts a PIL Image or numpy.ndarray (H x W x C) in the range [0, 255] to a
torch.FloatTensor [...] if the numpy.ndarray has dtype = np.uint8. In the other cases, tensors are returned without
scaling."
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, ConvertedTwice, Evidence, Finding, Severity


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


CHECK = Check("C337", "range-assumed", needs=("program",), judge=judge)
