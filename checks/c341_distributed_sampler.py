"""Several processes that train on the same images, or on the same order of them in every epoch.

What it looks for: DistributedDataParallel (or FSDP) around the network while the loader that trains has no
DistributedSampler; and a DistributedSampler that shuffles in a loop over epochs that never calls set_epoch().

Why it matters: without the sampler every process passes through all images: N GPUs take as long as one, for an epoch
that counts N times. Without set_epoch() the sampler draws the same order in each epoch: there is no shuffling.

Example: DataLoader(data, shuffle=True) with DistributedDataParallel(model).

Fix: sampler=DistributedSampler(data) without shuffle=True; sampler.set_epoch(epoch) at the beginning of each epoch.

When it is wrong: where each process has files of its own, which the program does not show. Accelerate, Lightning,
Hugging Face's Trainer, streams, datasets split by rank and groups of one process are left alone.

Source: torch.utils.data.distributed.DistributedSampler, its warning on set_epoch().
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, EveryProcessAlike, Evidence, Finding, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    for one in evidence.program.facts(EveryProcessAlike):
        lacking = one.what == "no_sampler"
        yield Finding(
            Severity.WARNING,
            summary="Each process of DistributedDataParallel trains on all images: the loader has no "
            "DistributedSampler."
            if lacking
            else "The DistributedSampler draws the same order in every epoch: set_epoch() is never called.",
            fix="Give the loader sampler=DistributedSampler(dataset) in place of shuffle=True."
            if lacking
            else "Call sampler.set_epoch(epoch) at the beginning of each epoch.",
            measured={"what": one.what},
            location=one.location,
            subject=one.what,
            rewrites=() if lacking else ("set-epoch",),
        )


CHECK = Check("C341", "distributed-sampler", needs=("program",), judge=judge)
