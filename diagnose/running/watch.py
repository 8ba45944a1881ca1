"""One line in a person's own training: watches its first steps and its first validation, and says what it sees.

The same hooks as those of a run in miniature, on the training as it is: nothing is cut, nothing redirected. After the
first steps the hooks sleep until the first validation, are judged by the same checks, and are taken off again.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any

from diagnose.model import Check, Evidence, Finding, InputError, Severity
from diagnose.model.run import HELD_OUT, TRAINING, Run
from diagnose.running.recorder import Recorder

STEPS = 20  # that are watched closely
ON_ERROR = ("report", "stop")
SLACK = 50  # times as many steps without a validation, after which what was seen is judged


class TrainingFault(RuntimeError):
    """Raised in the training where on_error="stop" and an ERROR was found. findings: all that were."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("; ".join(f"{one.code} {one.summary}" for one in findings if one.severity is Severity.ERROR))
        self.findings = findings


class Watch:
    """A training under watch. findings, run: once it was judged. A context manager that ends with its block."""

    def __init__(self, checks: dict[str, Check], steps: int, to: str | Path | None, on_error: str) -> None:
        self._checks, self._steps, self._to, self._on_error = checks, steps, to, on_error
        self._recorder = Recorder("watched", float("inf"))
        self._recorder.watching = True
        self._undo: list[tuple[Any, str, Any, Any]] = []
        self._handles: list[Any] = []
        self.findings: tuple[Finding, ...] = ()
        self.run: Run | None = None

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, tb: TracebackType | None) -> None:
        if self.run is None:
            self.judge(stop=kind is None)

    @property
    def watching(self) -> bool:
        """Whether it still looks."""
        return self.run is None

    def begin(self, holders: list[Any], put_on: Callable[[Recorder], list[Any]]) -> None:
        """Puts hooks on. holders: of the attributes that `put_on` replaces; what that gives has `remove`."""
        before = [(holder, dict(vars(holder))) for holder in holders]
        self._recorder.after_step = self._after_step
        self._recorder.after_validation = self.judge
        try:
            self._handles = put_on(self._recorder)
        finally:
            for holder, old in before:
                for name, value in list(vars(holder).items()):
                    if old.get(name) is not value:
                        self._undo.append((holder, name, old.get(name), value))

    def _after_step(self) -> None:
        recorder = self._recorder
        if recorder.steps >= SLACK * self._steps:
            self.judge()
        elif recorder.steps >= self._steps:
            recorder.asleep = True

    def judge(self, stop: bool = True) -> None:
        """Judges what was seen, reports it, and takes the hooks off. Raises TrainingFault where that was asked for.

        stop: whether that may be raised now.
        """
        if self.run is not None:
            return
        self.detach()
        self.run = self._recorder.summary("enough", "watched")
        evidence = Evidence(ran=self.run)
        found = [finding for check in self._checks.values() for finding in check.run(evidence)[2]]
        self.findings = tuple(sorted(found, key=lambda one: (one.severity.rank, one.code)))
        for finding in self.findings:
            at = f" ({finding.location})" if finding.location else ""
            sys.stderr.write(f"diagnose: {finding.severity} {finding.code} {finding.summary}{at} {finding.fix}\n")
        if self._to is not None:
            with open(self._to, "a", encoding="utf-8") as stream:
                for finding in self.findings:
                    stream.write(json.dumps(asdict(finding), default=str) + "\n")
        if stop and self._on_error == "stop" and any(one.severity is Severity.ERROR for one in self.findings):
            raise TrainingFault(self.findings)

    def detach(self) -> None:
        """Takes every hook off again."""
        self._recorder.asleep = True
        for holder, name, old, ours in reversed(self._undo):
            if vars(holder).get(name) is ours:
                if old is None:
                    delattr(holder, name)
                else:
                    setattr(holder, name, old)
        for handle in self._handles:
            handle.remove()
        self._undo, self._handles = [], []


def watching(
    checks: dict[str, Check], steps: int = STEPS, to: str | Path | None = None, on_error: str = "report"
) -> Watch:
    """Begins to watch. Raises InputError for a value that it cannot have."""
    if on_error not in ON_ERROR:
        raise InputError(f"on_error {on_error!r}: give one of {', '.join(ON_ERROR)}.")
    if steps < 1:
        raise InputError(f"steps {steps}: watch one step or more.")
    return Watch(checks, steps, to, on_error)


def on_torch(watch: Watch) -> Watch:
    """Begins to watch what this process trains with torch."""
    from diagnose.running.hooks import torch_all

    watch.begin(torch_all.holders(), torch_all.watch)
    return watch


def callback(make: Callable[[], Watch]) -> Any:
    """A callback for the library that is imported, Lightning, Hugging Face's Trainer or Keras, that watches from the
    beginning of training to its end. Raises InputError where none is."""
    bases: list[Any] = []
    for name in ("lightning.pytorch.callbacks", "pytorch_lightning.callbacks"):
        if name in sys.modules:
            bases.append(sys.modules[name].Callback)
    if not bases and "transformers.trainer_callback" in sys.modules:
        bases.append(sys.modules["transformers.trainer_callback"].TrainerCallback)
    if not bases and "keras" in sys.modules:
        return _of_keras(sys.modules["keras"], make)
    if not bases:
        raise InputError("WatchCallback is for Lightning, Hugging Face's Trainer or Keras: import one of them first.")

    base: Any = bases[0]

    class WatchCallback(base):  # type: ignore[misc]
        """Begins with the training and ends with it."""

        watch: Watch | None = None

        def on_fit_start(self, *args: Any, **kwargs: Any) -> None:
            """Lightning begins."""
            self.watch = on_torch(make())

        def on_train_begin(self, *args: Any, **kwargs: Any) -> None:
            """The Trainer begins."""
            self.watch = on_torch(make())

        def on_fit_end(self, *args: Any, **kwargs: Any) -> None:
            """Lightning ends."""
            if self.watch is not None:
                self.watch.judge()

        def on_train_end(self, *args: Any, **kwargs: Any) -> None:
            """Either ends."""
            if self.watch is not None:
                self.watch.judge()

    return WatchCallback()


def _of_keras(keras: Any, make: Callable[[], Watch]) -> Any:
    from diagnose.running.hooks.keras_watch import KerasWatch, holders

    class WatchCallback(keras.callbacks.Callback):  # type: ignore[misc]
        """Begins with fit, and ends with the first epoch that was validated, at the latest with fit."""

        watch: Watch | None = None
        inside: KerasWatch | None = None

        def on_train_begin(self, logs: Any = None) -> None:
            """fit begins."""

            def put_on(recorder: Recorder) -> list[Any]:
                self.inside = KerasWatch(recorder, keras, self.model)
                return [self.inside]

            self.watch = make()
            try:
                self.watch.begin(holders(keras), put_on)
            except InputError:
                self.watch.detach()
                raise

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            """An epoch begins; what was seen of a validation before it is judged."""
            self._begins(TRAINING)

        def on_test_begin(self, logs: Any = None) -> None:
            """A validation begins."""
            self._begins(HELD_OUT)

        def _begins(self, part: str) -> None:
            if self.watch is not None and self.inside is not None and self.watch.watching:
                self.inside.pass_begins(part)

        def on_test_end(self, logs: Any = None) -> None:
            """A validation ends."""
            if self.watch is not None and self.inside is not None and self.watch.watching:
                self.inside.pass_ends()

        def on_train_end(self, logs: Any = None) -> None:
            """fit ends."""
            if self.watch is not None:
                self.watch.judge()

    return WatchCallback()
