"""The process that runs sections: `python -m benchmarks.gpu.worker OPTIONS SECTION …`, a line of JSON for every row.

A process of its own can be killed when a section outlasts its time, and a fault on the device, after which CUDA serves
no more, ends it alone: gpu_acceptance.py starts another one for the sections that are left.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import gc
import importlib
import json
import math
import os
import platform
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.gpu.setting import Row, Setting, small


def environment(setting: Setting) -> Iterator[Row]:
    """The device and the versions."""
    import torch
    import torchvision

    if setting.device == "cuda":
        device = torch.cuda.get_device_properties(0)
        yield setting.row("device", device.name, note=f"{device.total_memory / 2**30:.0f} GiB, compute capability "
                          f"{device.major}.{device.minor}, {device.multi_processor_count} SMs")  # fmt: skip
        yield setting.row("CUDA, cuDNN", f"{torch.version.cuda}, {torch.backends.cudnn.version()}")
    else:
        yield setting.row("device", platform.processor() or platform.machine(), note="no CUDA device: toy sizes")
    versions = f"{platform.python_version()}, {torch.__version__}, {torchvision.__version__}"
    yield setting.row("Python, torch, torchvision", versions, note=f"{os.cpu_count()} processors")


# The module and the function of each section.
SECTIONS = {
    "environment": ("worker", "environment"),
    "photographs": ("photographs", "run"),
    "tests": ("marked", "run"),
    "speed": ("speed", "run"),
    "decoding": ("speed", "beside"),
    "parity": ("parity", "run"),
    "memory": ("memory", "run"),
    "set 1": ("sessions", "photographs"),
    "verdicts": ("sessions", "verdicts"),
    "set 2": ("sessions", "samples"),
    "compiling": ("compiled", "run"),
}


def plain(row: Row) -> dict[str, Any]:
    """The row for JSON, which has no infinity."""
    told = dataclasses.asdict(row)
    if isinstance(row.value, float) and not math.isfinite(row.value):
        told["value"] = str(row.value)
    return told


def main() -> int:
    asked = argparse.ArgumentParser()
    asked.add_argument("--device", required=True)
    asked.add_argument("--quick", action="store_true")
    asked.add_argument("--work", type=Path, required=True)
    asked.add_argument("sections", nargs="+", choices=SECTIONS)
    given = asked.parse_args()
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a stray print is a log, no row

    def say(**parcel: Any) -> None:
        out.write(json.dumps(parcel) + "\n")
        out.flush()

    setting = Setting(given.device, given.work)
    if given.quick:
        import tiny_networks  # noqa: F401  registers the network that quick measurements train

        setting = small(setting)
    for name in given.sections:
        say(begins=name)
        module, function = SECTIONS[name]
        try:
            if setting.device == "cuda":
                importlib.import_module("torch").cuda.init()  # some of its functions don't do so themselves
            for row in getattr(importlib.import_module(f"benchmarks.gpu.{module}"), function)(setting):
                say(row=plain(row))
        except Exception as fault:
            traceback.print_exc()
            lines = str(fault).strip().splitlines() or [""]
            say(ends=name, why=f"{type(fault).__name__}: {lines[0]}"[:500])
            if setting.device == "cuda":
                return 0  # the device may serve no more
        else:
            say(ends=name, why="")
        gc.collect()
        with contextlib.suppress(Exception):
            sys.modules["torch"].cuda.empty_cache()
    return 0


if __name__ == "__main__":
    sys.exit(main())
