"""A person's own network for the engine: which one it is, what it is measured on, and its trainings.

It is their code that runs: in two processes, one that measures it at initialisation and one that trains it.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from diagnose.catalogue import architectures
from diagnose.controls import Controls
from diagnose.events import NetworkMeasured, Note
from diagnose.model import Config, Dataset, Gap, InputError, OwnClass, OwnNetwork, Program
from diagnose.network.child import is_name, measure
from diagnose.probing.child import ProbeProcess
from diagnose.probing.job import Failed, Job, NetworkSource

CLASSES, SIZE = 10, 224  # where neither images nor configuration give them
SHORTEST, LONGEST = 60.0, 120.0  # seconds for the measurement, whatever the budget has left
MEASURED_SHARE = 0.25  # of the time that is left, which it may take where that is more
# Of the budget, what measuring and training the network take from the probes: half where a configuration is asked about
# too, and most of it where the network is all that was given.
SHARE, SHARE_ALONE = 0.5, 0.8
MEASURED_WITHIN = 0.5  # of that share, where trainings follow
FEWEST = 10.0  # seconds, below which no training is begun
PART = "network.arms"


@dataclass(frozen=True)
class Asked:
    """The network that is asked about. classes, size (px): what it is measured with; image_side: px of the images that
    it trains on; folders: where its modules lie."""

    source: str
    classes: int
    size: int
    image_side: int
    folders: tuple[Path, ...]


def asked_for(
    model: str | None, own_code: bool, config: Config | None, program: Program | None
) -> tuple[str | None, str]:
    """The network's `package.module:factory`, or None and why none is run.

    model: what --model says; own_code: whether the network that the configuration names may be run.
    """
    said = config.model.value if config else None
    named = said if said and architectures.is_factory(said) else None
    if named and not (model or own_code):
        return None, f"the configuration was not typed, so {named} was not run: name it with --model"
    if model or named:
        return model or named, ""
    if program is not None and program.own_class is not None:
        own = program.own_class
        return None, f"your network is {own.name} ({own.location}); it was not run, since {_advice(own)}"
    return None, "no --model was given"


def check_named(source: str, folders: Sequence[Path]) -> None:
    """Raises InputError where --model is no name of a factory, or its module lies neither in the folders nor among the
    installed packages. Nothing of it is executed."""
    if not is_name(source):
        raise InputError(f"--model {source}: write package.module:factory, such as --model nets:build.")
    package = source.partition(":")[0].partition(".")[0]
    beside = any((folder / f"{package}.py").is_file() or (folder / package).is_dir() for folder in folders)
    if not beside and importlib.util.find_spec(package) is None:
        places = " or ".join(dict.fromkeys(map(str, folders)))
        raise InputError(f"--model {source}: no module {package} lies in {places}, and none is installed: name yours.")


def _advice(own: OwnClass) -> str:
    name = f"{own.module}:{own.name}"
    if own.runs_at_import:
        guard = 'put that under if __name__ == "__main__"'
        return f"importing {own.module} would run {own.runs_at_import}: {guard}, then add --model {name}"
    if own.needs:
        return (
            f"that executes your code, and it has to be given {', '.join(own.needs)}: write a function in {own.module} "
            f"that makes it, and name that with --model {own.module}:FUNCTION"
        )
    return f"that executes your code: add --model {name}"


def left_to_probes(source: str | None, config: Config | None) -> float:
    """The share of the budget that the other probes have, where this network is measured and trained as well."""
    return 1.0 if source is None else 1 - (SHARE if config else SHARE_ALONE)


def asked_about(source: str, config: Config | None, place: Path | None, data: Dataset | None) -> Asked:
    """What the network is measured with, by the dataset and the configuration."""
    counts = data.per_class if data else {}
    head = config.head.value if config else None
    size = config.input_size.value if config else None
    stored = round(min(data.width.median, data.height.median)) if data else SIZE
    return Asked(
        source,
        sum(1 for count in counts.values() if count) or head or CLASSES,
        size or SIZE,
        size or min(SIZE, stored),
        folders_of(place),
    )


def folders_of(place: Path | None) -> tuple[Path, ...]:
    """Where the modules of a network are looked for. place: the configuration's file."""
    return (Path.cwd(), *([place.absolute().parent] if place else []))


class Examination:
    """Measures a network, then trains it. After `run`: network is what is known of it, gaps what failed, why the reason
    why there are no trainings."""

    def __init__(self, asked: Asked, device: str, controls: Controls) -> None:
        self._asked, self._device, self._controls = asked, device, controls
        self.network = OwnNetwork(asked.source, asked.classes, asked.size)
        self.gaps: list[Gap] = []
        self.why = ""

    def run(self, left: Callable[[], float], job: Callable[[float], Job] | None, grace: float) -> Iterator[Any]:
        """Yields what the training process says. left: seconds of the budget; job: what it trains on for so many of
        them, None without images; grace: seconds over its time, after which it is ended."""
        with ExitStack() as stack:
            child = None
            if job is not None:  # it imports torch while the network is measured
                child = stack.enter_context(ProbeProcess(self._device, self._controls))
            self._measure(left() * (MEASURED_WITHIN if job else 1.0))
            if self.network.crash:
                self.why = "the network did not run"
            elif child is not None and job is not None and not self._controls.stop.is_set():
                yield from self._train(child, job(left()), grace)

    def _measure(self, seconds: float) -> None:
        asked = self._asked
        limit = max(SHORTEST, min(max(LONGEST, MEASURED_SHARE * seconds), seconds))
        self.network = measure(asked.source, asked.classes, asked.size, asked.folders, limit, self._controls.stop)
        if self.network.crash:
            self.gaps.append(Gap("network", f"{asked.source}: {self.network.crash}", failed=True))

    def _train(self, child: ProbeProcess, job: Job, grace: float) -> Iterator[Any]:
        asked, ready = self._asked, child.ready(max(0.0, job.seconds) + grace)
        if isinstance(ready, Failed):
            return self._failed(ready.why)
        source = NetworkSource(asked.source, tuple(map(str, asked.folders)), asked.image_side, asked.size)
        given = replace(job, network=source)
        self.why = "the budget left too little time to train it twice: give a longer --budget"
        if given.seconds < FEWEST:
            return None
        child.deadline = time.monotonic() + given.seconds + grace
        for message in child.run(given):
            if isinstance(message, NetworkMeasured):
                self.network = replace(self.network, arms=message.arms)
            if isinstance(message, Failed):
                if not (message.late and self.network.arms is not None):
                    self._failed(message.why)
                    yield Note(f"your network was not trained: {message.why}")
            else:
                yield message
        return None

    def _failed(self, why: str) -> None:
        self.why = why
        self.gaps.append(Gap(PART, f"{self._asked.source}: {why}", failed=True))
