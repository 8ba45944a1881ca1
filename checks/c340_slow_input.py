"""The loop waits for images, or for the GPU, without need.

What it looks for: a DataLoader without processes of its own (num_workers=0) that feeds a GPU from image files; calls
that each batch waits for (torch.cuda.empty_cache(), torch.cuda.synchronize(), gc.collect(), torch.save(), a plot);
.item() for each parameter in each batch; a batch that is moved to the GPU more than once.

Why it matters: one process decodes 100 to 200 photos per second, and a GPU trains on ten times as many: it idles.

Example: DataLoader(ImageFolder(...), batch_size=64) for a ResNet50 on a GPU.

Fix: num_workers of about the number of CPU cores for each GPU, and pin_memory=True; such calls once per epoch.

When it is wrong: on Windows and in notebooks, processes need a main guard; with few or tiny images, or a network so
large that it is slower than the decoding, nothing is gained. Datasets in memory, such as CIFAR and MNIST, and a loss
that is read once per batch are left alone. P510 measures what the text can only suggest.

Source: the PyTorch performance tuning guide, "Enable asynchronous data loading" and "Avoid unnecessary CPU-GPU
synchronization".
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity, SlowInput

NEEDLESS = ("torch.cuda.empty_cache", "torch.cuda.synchronize")  # calls that may go


def judge(evidence: Evidence) -> Iterator[Finding]:
    for one in evidence.program.facts(SlowInput):
        summary, fix = _message(one)
        yield Finding(
            Severity.INFO,
            summary=summary,
            fix=fix,
            measured={"what": one.what, "name": one.name},
            location=one.location,
            confidence=Confidence.LIKELY,
            subject=one.what if one.what == "one_process" else f"{one.what} {one.name}",
            rewrites=("delete-statement",) if one.name in NEEDLESS else (),
        )


def _message(one: SlowInput) -> tuple[str, str]:
    match one.what:
        case "one_process":
            of = f" of {one.name}" if one.name else ""
            return (
                f"The image files{of} are decoded in the process that trains (num_workers=0): the GPU waits for them.",
                "Set num_workers to about the number of CPU cores for each GPU, and pin_memory=True.",
            )
        case "twice":
            return f"`{one.name}` is moved to the GPU more than once for each batch.", "Move it once and keep it."
        case "for_each_parameter":
            return (
                f"{one.name}() is called for each parameter in each batch: every call waits for the GPU.",
                "Collect the numbers as tensors, and read them once per epoch or every 100 batches.",
            )
    return f"Every batch waits for {one.name}().", "Call it once per epoch, or leave it out."


CHECK = Check("C340", "slow-input", needs=("program",), judge=judge)
