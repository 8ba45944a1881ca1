"""The network or the batches stay on the CPU.

What it looks for: a loop of the program's own in which the network is never moved to a device, or is while the batches
are not.

Why it matters: ResNet50 trains some fifty times slower on a CPU than on a GPU that stands idle. A network on the GPU
and batches on the CPU stop the run at the first step.

Example: model = resnet50() and nowhere model.to(device).

Fix: device = torch.device("cuda"); model.to(device) before the optimizer is built; images.to(device) in the loop.

Source: torch.nn.Module.to.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, NotOnDevice, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    for seen in evidence.program.facts(NotOnDevice):
        evidence.program.require_complete("device")
        network, inputs = seen.network, seen.inputs
        if network and not inputs:
            summary, severity = "The batches are moved to a device and the network is not.", Severity.ERROR
        elif inputs and not network:
            summary, severity = "The network is moved to a device and the batches are not.", Severity.ERROR
        else:
            summary, severity = (
                "Neither the network nor the batches are moved to a GPU: it trains on the CPU.",
                Severity.WARNING,
            )
        yield Finding(
            severity,
            summary=summary,
            fix="Move both: model.to(device) once, images.to(device) and labels.to(device) for every batch.",
            measured={"network_moved": not network, "batches_moved": not inputs},
            location=seen.location,
        )


CHECK = Check("C322", "no-device-transfer", needs=("program",), judge=judge)
