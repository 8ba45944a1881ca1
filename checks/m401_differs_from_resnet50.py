"""A network of your own that does not build, or is not the ResNet50 it is compared with.

What it looks for: a crash while the network is built or called; and, for a network of about ResNet50's depth, stages
whose stride, number of convolutions or channels differ from torchvision's, and the number of parameters.

Why it matters: published figures and recipes belong to one architecture. A first stage that keeps the resolution
costs four times the time; a last one that does not widen costs accuracy.

Example: stride 1 in the first convolution: every later stage works on four times the pixels.

Fix: compare stage by stage with the table in the report; or use torchvision.models.resnet50 itself.

Source: He et al. 2016, table 1; torchvision's resnet50 has 25,557,032 parameters with 1,000 classes, stride in the 3x3.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, Measured, Severity

SIMILAR = (40, 70)  # convolutions of a network that means to be a ResNet50, which has 53


def judge(evidence: Evidence) -> Iterator[Finding]:
    network = evidence.network
    if network.crash:
        yield Finding(
            Severity.ERROR,
            summary=f"The network {network.source} does not build or run: {network.crash}.",
            fix="Make it run on a batch of images of (N, 3, size, size) first.",
            measured={"crash": network.crash},
            location=network.location,
            subject="crash",
        )
    own, reference = network.own, network.reference
    if own is None or reference is None or not SIMILAR[0] <= own.convolutions <= SIMILAR[1]:
        return
    if own.parameters != reference.parameters or own.stages != reference.stages:
        yield Finding(
            Severity.INFO,
            summary=f"It differs from torchvision's ResNet50: {_where(own, reference)}.",
            fix="Compare the stages in the report; ResNet50's are (stride: channels) 2: 64, 4: 256, 8: 512, 16: "
            "1024, 32: 2048.",
            measured={"parameters": own.parameters, "resnet50": reference.parameters},
            location=network.location,
            subject="structure",
        )


def _where(own: Measured, reference: Measured) -> str:
    theirs = {stage.stride: stage for stage in reference.stages}
    mine = {stage.stride: stage for stage in own.stages}
    if set(mine) != set(theirs):
        return f"its stages work at strides {sorted(mine)}, not {sorted(theirs)}"
    for stride, stage in mine.items():
        other = theirs[stride]
        if stage.channels != other.channels:
            return f"at stride {stride} it ends in {stage.channels} channels, not {other.channels}"
        if stage.convolutions != other.convolutions:
            return f"at stride {stride} it has {stage.convolutions} convolutions, not {other.convolutions}"
    return f"it has {own.parameters:,} parameters, not {reference.parameters:,}"


CHECK = Check("M401", "differs-from-resnet50", needs=("network",), judge=judge)
