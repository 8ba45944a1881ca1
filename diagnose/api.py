"""The engine for Python programs: the same request as the command line's, events as they come, the same Diagnosis.

import diagnose

result = diagnose.inspect("photos", config="train.py")          # no training
for finding in result.findings:
    print(finding.code, finding.summary, finding.fix)

run = diagnose.diagnose("photos", config="train.py", budget="5m")
for event in run:                                             # ScanProgress, ProbeStep, Found, ...
    print(event)
print(diagnose.render(run.diagnosis, "markdown"))
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diagnose.controls import Controls
from diagnose.engine import diagnose as events_of
from diagnose.events import Event, Finished
from diagnose.model import Diagnosis, InputError, Probes
from diagnose.registry import choose, load_checks
from diagnose.request import BUDGET, DEVICES, TEXTS, TUNE_BUDGET, Option, Request, options_of, seconds

if TYPE_CHECKING:
    from diagnose.running.watch import Watch


class Run:
    """A diagnosis under way: iterate for its events, ask for `diagnosis` to have it whole. It runs as it is iterated,
    once; a second iteration gives what is left of the first."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self._controls = Controls()
        self._events = events_of(request, self._controls)
        self._diagnosis: Diagnosis | None = None

    def __iter__(self) -> Iterator[Event]:
        for event in self._events:
            if isinstance(event, Finished):
                self._diagnosis = event.diagnosis
            yield event

    def stop(self) -> None:
        """Ends the run soon, from any thread, with what is known by then."""
        self._controls.stop.set()

    @property
    def diagnosis(self) -> Diagnosis:
        """The result; runs to the end first where that is not reached yet.

        Raises InputError where the request cannot be carried out.
        """
        for _ in self:
            pass
        if self._diagnosis is None:
            raise RuntimeError("the run was broken off before it had a result")
        return self._diagnosis


def diagnose(
    data: Any = None,
    config: str | Path | None = None,
    *,
    set: Iterable[str] = (),
    snippet: bool = False,
    against: str | Path | None = None,
    model: str | None = None,
    run: bool = False,
    log: str | Path | None = None,
    checkpoint: str | Path | None = None,
    probes: bool = True,
    tune: bool = False,
    budget: float | str | None = None,
    device: str = "auto",
    arch: str | None = None,
    weights: str = "auto",
    offline: bool = False,
    resume: bool = True,
    label_pattern: str | None = None,
    ray: str | None = None,
    seed: int = 0,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
) -> Run:
    """A run of the whole: scan, probes, judgement. The arguments are the command line's options; data may be a Dataset
    or DataLoader of (image, label) itself, or a dict of them by split.

    checkpoint: a file of weights, examined in place of probes; the answer is `diagnosis.evidence.checkpoint`. arch: its
    architecture, or that of the probes, "resnet50" where it is not given.

    budget: seconds, or text such as "90s" or "5m"; "3m" where it is not given, "10m" with `tune`, whose answer is
    `diagnosis.tuning`. Raises InputError for a value that makes no request.
    """
    given = locals()
    if data is None and config is None and model is None and log is None and checkpoint is None:
        raise InputError("Which images? Give data, config, model, log or checkpoint.")
    if checkpoint is not None and (tune or against is not None):
        raise InputError("checkpoint examines a finished model, and tune and against a training: give one of them.")
    if against is not None and config is None:
        raise InputError("against compares two configurations: give the first with config.")
    if device not in DEVICES:
        raise InputError(f"device {device}: give one of {', '.join(DEVICES)}.")
    if budget is None:
        budget = TUNE_BUDGET if tune else BUDGET
    plain = {name: _plain(given[option.key.replace("-", "_")], option) for name, option in options_of(Request).items()}
    own = {
        "data": data,
        "budget": seconds(budget) if isinstance(budget, str) else float(budget),
        "arch": arch or Request.arch,
        "checkpoint_arch": arch,
    }
    request = Request(**{**plain, **own})
    choose(load_checks(), request.select, request.ignore)
    return Run(request)


def _plain(value: Any, option: Option) -> Any:
    """A path as text, and what may be any iterable as a tuple."""
    if option.type == TEXTS:
        return tuple(value)
    return str(value) if isinstance(value, Path) else value


def watch(steps: int = 20, to: str | Path | None = None, on_error: str = "report") -> Watch:
    """Watches the training of this process from here on: its first `steps` optimizer steps closely, then its first
    validation. Findings go to stderr, and as JSON lines to the file `to`; on_error="stop" raises TrainingFault where
    one is an ERROR. Call it before the loaders and the optimizer are made. The hooks are taken off by themselves.

    Raises InputError for a value that it cannot have.
    """
    from diagnose.running.watch import on_torch

    return on_torch(_to_watch(steps, to, on_error))


def _to_watch(steps: int = 20, to: str | Path | None = None, on_error: str = "report") -> Watch:
    from diagnose.running.watch import watching

    return watching({code: check for code, check in load_checks().items() if code.startswith("R")}, steps, to, on_error)


def WatchCallback(**options: Any) -> Any:
    """`watch` as a callback for Lightning's or Hugging Face's Trainer or for Keras, whichever of them is imported first
    in this order; options as there."""
    from diagnose.running.watch import callback

    return callback(lambda: _to_watch(**options))


def inspect(data: Any = None, config: str | Path | None = None, **options: Any) -> Diagnosis:
    """What the images and the configuration show without any training. options: as of `diagnose`."""
    return diagnose(data, config, probes=False, **options).diagnosis


def probe(data: Any, config: str | Path | None = None, **options: Any) -> Probes:
    """What short trainings measure: the runs, pretrained against scratch, the learning rate, what explains the gap.

    options: as of `diagnose`. Raises NotExamined, with the reason, where no probe could run.
    """
    return diagnose(data, config, **options).diagnosis.evidence.probes
