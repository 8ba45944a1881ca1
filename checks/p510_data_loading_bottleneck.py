"""The device waits for images: reading and decoding are slower than the training itself.

What it looks for: images per second that one process per core can read, decode, resize and augment, against those that
the device computes. Slower by more than 15%, the spread of timings on one machine, is reported; a warning where the
device waits for half of the time or more, on a device other than the CPU.

Why it matters: the full training run takes as long as loading does, and a faster device doesn't shorten it.

Example: photographs of 4000 px, decoded whole for every epoch of a network that sees 224 px.

Fix: resize the images once, before training, where that was measured to pay; else a machine with more cores per device,
or decoding on the device.

Source: both speeds are timed by the probes: a few steps at the full run's own size, and 48 files with copies of them at
the input size (JPEG, quality 95). The gain of resizing is claimed where it exceeds two standard errors over the files
and the spread of the whole run's time. Random crops of such copies see fewer pixels than those of the originals.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity

SPREAD = 0.15  # by which speeds on one machine vary from hour to hour, as in the forecast
WAITING = 0.5  # share of the device's speed


def judge(evidence: Evidence) -> Iterator[Finding]:
    forecast = evidence.probes.forecast
    assert forecast is not None
    if forecast.loading * (1 + SPREAD) >= forecast.compute:
        return
    waits = forecast.loading < WAITING * forecast.compute and forecast.device != "cpu"
    missing = forecast.workers_missing
    cores = f"{missing} more core{'' if missing == 1 else 's'}" if missing else "more cores"
    gain = forecast.resized.gain if forecast.resized else None
    others = f"A machine with {cores}, or decoding on the device, would keep it busy."
    resize = (
        f"Resize the images to {forecast.input_size} px once, before training (JPEG, quality 95): they then load at "
        f"{forecast.resized.loading:.0f} per second, and the full training run takes {gain / forecast.seconds:.0%} "
        "less time. "
        if forecast.resized and gain is not None
        else ""
    )
    yield Finding(
        Severity.WARNING if waits else Severity.INFO,
        summary=f"Loading gives {forecast.loading:.0f} images per second with {forecast.workers} workers, and the "
        f"device computes {forecast.compute:.0f}: it waits for {1 - forecast.loading / forecast.compute:.0%} of the "
        "time.",
        fix=resize + others,
        measured={
            "loading": forecast.loading,
            "compute": forecast.compute,
            "workers": forecast.workers,
            "cores_missing": missing,
            "resized_loading": forecast.resized.loading if forecast.resized else None,
            "seconds_saved": gain,
        },
        confidence=Confidence.INDICATED,
    )


CHECK = Check("P510", "data-loading-bottleneck", needs=("probes", "probes.forecast"), judge=judge)
