"""What every section is given: the device, a folder, and how large everything is; and the rows that it yields."""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass, field
from pathlib import Path

CLASSES = 8
MOST_PROCESSES = 16  # a container may have fewer processors than its machine shows


def processes() -> int:
    """One for each processor that this process may use."""
    there = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(MOST_PROCESSES, there)


@dataclass(frozen=True)
class Row:
    """One measurement. goal: in words; met: None where there is none, or where the device isn't a GPU."""

    name: str
    value: float | str
    unit: str = ""
    goal: str = ""
    met: bool | None = None
    note: str = ""


@dataclass(frozen=True)
class Setting:
    """Sizes of the full measurement; `small` has those that only try the code.

    steps: timed, after `warm` that aren't. rounds: of timings, in turns. workers: of the DataLoaders to compare with;
    the goal is judged on the first. parity_*: of the arms in both precisions. The rest are seconds.
    """

    device: str
    work: Path
    quick: bool = False
    arch: str = "resnet50"
    small_arch: str = "resnet18"
    size: int = 224
    batch: int = 64
    steps: int = 60
    warm: int = 15
    rounds: int = 2
    pictures: int = 4000
    picture_size: tuple[int, int] = (500, 375)
    workers: tuple[int, ...] = field(default_factory=lambda: (processes(), 4))
    parity_size: int = 128
    parity_steps: int = 100
    parity_seeds: int = 4
    memory_seconds: float = 15.0
    budget: float = 180.0
    second_budget: float = 45.0
    verdict_budget: float = 30.0

    @property
    def photographs(self) -> Path:
        """Where the first section writes them: a folder for each class."""
        return self.work / "photographs"

    def row(self, name: str, value: float | str, unit: str = "", goal: str = "", met: bool | None = None,
            note: str = "") -> Row:  # fmt: skip
        """A row; goals are judged on a GPU at full size alone."""
        return Row(name, value, unit, goal, met if self.device == "cuda" and not self.quick else None, note)

    def needs_cuda(self, name: str) -> Row:
        """The row of what only a GPU can do."""
        return self.row(name, "not measured", note="needs a CUDA device")


def small(setting: Setting) -> Setting:
    """The same with toy sizes."""
    return dataclasses.replace(
        setting, quick=True, arch="tiny_network", small_arch="tiny_network", size=32, batch=8, steps=3, warm=2,
        rounds=1, pictures=48, picture_size=(64, 48), workers=(1,), parity_size=32, parity_steps=6, parity_seeds=2,
        memory_seconds=20.0, budget=6.0, second_budget=4.0, verdict_budget=4.0,
    )  # fmt: skip
