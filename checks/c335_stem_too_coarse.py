"""The first layers don't fit the size of the images.

What it looks for: a ResNet, ResNeXt, DenseNet or the like of torchvision, timm or Keras, trained from random weights on
images of at most 64 px, whose stem is as it is for ImageNet: a convolution of stride 2 and a pooling of stride 2. And
networks of patches: a patch size that does not divide the image, and an image size other than that of the images.

Why it matters: the stem shrinks 32 px to 8 px before the first residual block, and the last stage sees a single pixel:
what distinguishes the classes is gone by then. Pixels beyond the last whole patch are dropped, or the network stops; a
position embedding for another number of patches does not fit.

Example: torchvision's resnet18(num_classes=10) on CIFAR-10; a ViT of patches of 16 px on images of 28 px.

Fix: `model.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False)` and `model.maxpool = nn.Identity()`, or resize the images to
128 px or more; a patch size that divides the image, 4 px at 32 px; the image size that the transforms give.

When it is wrong: where the small images are so easy that it costs nothing (digits are only reported as info), or where
speed counts for more. A replaced stem, batches that the program resizes, and pretrained weights are left alone.

Source: He et al. 2016, section 4.2, whose ResNets for CIFAR-10 begin with a 3×3 convolution of stride 1 and no pooling;
Dosovitskiy et al. 2021, section 3.1, for patches.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import (
    Check,
    CoarseStem,
    Confidence,
    Evidence,
    Finding,
    NotExamined,
    PatchMisfit,
    Severity,
)

SMALL = 64  # px
EASY = ("MNIST", "QMNIST", "EMNIST", "USPS")  # of which any network learns nearly all
MUCH = 0.1  # of the pixels, whose loss is an error


def judge(evidence: Evidence) -> Iterator[Finding]:
    for stem in evidence.program.facts(CoarseStem):
        yield from _coarse(evidence, stem)
    for misfit in evidence.program.facts(PatchMisfit):
        yield _indivisible(misfit) if misfit.what == "patches" else _other_size(misfit)


def _coarse(evidence: Evidence, stem: CoarseStem) -> Iterator[Finding]:
    try:
        scratch, side = evidence.config.from_scratch, evidence.config.input_size.get()
    except NotExamined:
        return  # nothing is known to be wrong, as of most programs
    if not scratch or side > SMALL:
        return
    yield Finding(
        Severity.INFO if stem.dataset in EASY else Severity.WARNING,
        summary=f"{stem.architecture} keeps its stem for ImageNet on images of {side} px: {max(1, side // 4)} px are "
        f"left before its first stage, {max(1, side // 32)} px in its last.",
        fix="Replace the first convolution by one of 3×3 and stride 1 and the pooling behind it by nn.Identity(), "
        "or resize the images to 128 px or more.",
        measured={"input_size": side, "architecture": stem.architecture},
        location=stem.location,
        confidence=Confidence.LIKELY,
        subject="stem",
    )


def _indivisible(one: PatchMisfit) -> Finding:
    left = one.made_for % one.gets
    lost = 1 - ((one.made_for - left) / one.made_for) ** 2
    what = {
        True: "the network stops at that",
        False: f"{left} px at two edges are dropped, {lost:.0%} of each image",
        None: "the last pixels are dropped, or it stops at that",
    }[one.raises]
    return Finding(
        Severity.ERROR if one.raises or lost >= MUCH else Severity.WARNING,
        summary=f"Patches of {one.gets} px do not divide images of {one.made_for} px: {what}.",
        fix=f"Take a patch size that divides {one.made_for}, such as {_divisor(one.made_for, one.gets)}, or resize "
        "the images.",
        measured={"image_size": one.made_for, "patch_size": one.gets},
        location=one.location,
        subject="patches",
    )


def _divisor(side: int, patch: int) -> int:
    """The divisor of the side that is nearest to the patch."""
    return min((n for n in range(1, side + 1) if side % n == 0), key=lambda n: (abs(n - patch), n))


def _other_size(one: PatchMisfit) -> Finding:
    what = "it stops at that" if one.raises else "its position embedding fits no other size"
    return Finding(
        Severity.ERROR if one.raises else Severity.WARNING,
        summary=f"{one.network} is made for images of {one.made_for} px and gets {one.gets} px: {what}.",
        fix=f"Resize the images to {one.made_for} px, or make the network for {one.gets} px.",
        measured={"made_for": one.made_for, "gets": one.gets},
        location=one.location,
        confidence=Confidence.CERTAIN if one.raises else Confidence.LIKELY,
        subject="size",
    )


CHECK = Check("C335", "stem-too-coarse", needs=("program",), judge=judge)
