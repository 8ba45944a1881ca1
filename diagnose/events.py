"""What the engine says while it works: the one stream that the report's progress and the TUI both show."""

from __future__ import annotations

from dataclasses import dataclass

from diagnose.model import Config, Dataset, Diagnosis, Finding, History, OwnArms, Probes, Run, Tuning


@dataclass(frozen=True)
class ConfigRead:
    """The configuration has been read. framework: of the program, "pytorch" or "keras"; "" without one."""

    config: Config
    framework: str = ""


@dataclass(frozen=True)
class ProgramRan:
    """What the program did in miniature so far; each one replaces the one before."""

    run: Run


@dataclass(frozen=True)
class HistoryRead:
    """The logs of earlier runs have been read."""

    history: History


@dataclass(frozen=True)
class ScanProgress:
    """How far the scan is: `done` of `total` files, `faults` of them faulty."""

    done: int
    total: int
    faults: int


@dataclass(frozen=True)
class ScanDone:
    """The scan has ended, and this is what it measured. Where the search for near copies takes longer, it comes once
    before it (dataset.searched is False) and once after."""

    dataset: Dataset


@dataclass(frozen=True)
class ProbesPlanned:
    """What will run, announced beforehand: what is asked and how often, and the seconds it should take in all."""

    arms: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class ProbeStarted:
    """A training begins. weights: what it starts from, "" where that does not matter; steps: how many at most."""

    arm: str
    seed: int
    arch: str
    weights: str
    steps: int


@dataclass(frozen=True)
class ProbeStep:
    """One optimizer step of a probe has ended. step: from 0; loss: of its training batch."""

    arm: str
    seed: int
    step: int
    loss: float


@dataclass(frozen=True)
class Working:
    """A longer piece of work beside the trainings, such as decoding images, is `done` of `total` through."""

    what: str
    done: int
    total: int


@dataclass(frozen=True)
class ProbesMeasured:
    """All that the probes know so far; each one replaces the one before."""

    probes: Probes


@dataclass(frozen=True)
class Tuned:
    """The search for a better recipe so far; each one replaces the one before."""

    tuning: Tuning


@dataclass(frozen=True)
class NetworkMeasured:
    """All that the trainings of a person's own network say so far; each one replaces the one before."""

    arms: OwnArms


@dataclass(frozen=True)
class Note:
    """A plain remark for the person who waits, such as which weights were loaded."""

    text: str


@dataclass(frozen=True)
class Found:
    """What the scan and the configuration show before the probes; Finished has the last word."""

    finding: Finding


@dataclass(frozen=True)
class Finished:
    """The run has ended; the last event."""

    diagnosis: Diagnosis


Event = (
    ConfigRead
    | ProgramRan
    | HistoryRead
    | ScanProgress
    | ScanDone
    | ProbesPlanned
    | ProbeStarted
    | ProbeStep
    | Working
    | ProbesMeasured
    | Tuned
    | NetworkMeasured
    | Note
    | Found
    | Finished
)
