"""What a person sees on stderr during a headless run: elapsed and remaining time from the first second."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn
from rich.text import Text

from diagnose.events import Event, Note, ProbesPlanned, ProbeStarted, ProbeStep, ProgramRan, ScanProgress, Working
from diagnose.model import printable, redacted
from diagnose.pace import Pace
from diagnose.report.run import ran_line
from diagnose.report.text import minutes, planned_line

BEAT = 10.0  # seconds without a line, after which one says that work is going on
BETWEEN = "looking for near copies"  # what follows the scan


class _Clock(ProgressColumn):
    """Elapsed and remaining time of the run, in place of the task's own."""

    def __init__(self, view: ProgressView) -> None:
        super().__init__()
        self._view = view

    def render(self, task: Task) -> Text:
        """The run's time."""
        return Text(self._view.time(), "dim")


class ProgressView:
    """Bars on a terminal, a line per stage elsewhere. budget: seconds of the whole run, 0 where it has none."""

    def __init__(self, console: Console, budget: float) -> None:
        self._console, self._budget, self._begin = console, budget, time.monotonic()
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed}/{task.total} {task.fields[note]}"),
            _Clock(self),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}
        self._scanned = -1  # files of which the end of the scan was reported
        self._doing, self._spoke = "starting", self._begin
        self._pace = Pace()

    def time(self) -> str:
        """ "0:12 of about 3:00", or the elapsed time alone."""
        elapsed = time.monotonic() - self._begin
        if not self._budget:
            return minutes(elapsed)
        return f"{minutes(elapsed)} of about {minutes(max(self._budget, elapsed))}"

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Shows progress for as long as the block runs."""
        over = threading.Event()

        def watch() -> None:
            while not over.wait(1.0):
                self.beat()

        with self._progress:
            if not self._console.is_terminal:
                threading.Thread(target=watch, daemon=True).start()
            else:
                self._bar("start", 0, 1, "")
            try:
                yield
            finally:
                over.set()

    def beat(self) -> None:
        """Writes a line where none was written for BEAT seconds."""
        if time.monotonic() - self._spoke >= BEAT:
            self._line(f"{self._doing} ({self.time()})")

    def show(self, event: Event) -> None:
        """Takes the next event of the engine."""
        match event:
            case ScanProgress(done, total, faults):
                left = self._pace.left(done, total)
                notes = ", ".join(filter(None, (f"{faults} faulty" if faults else "", left)))
                doing = f"scanned {done} of {total} files{f', {left}' if left else ''}"
                self._now("scan", doing, done, total, notes)
                if done == total and self._scanned != total:
                    self._scanned = total
                    self._after_scan(total)
            case ProgramRan(seen):
                self._doing = f"your program runs: epoch {seen.epochs}, {seen.steps} training steps"
                self._bar("start", 0, None, self._doing)
                if seen.ended != "running" and not self._console.is_terminal:
                    self._line(ran_line(seen))
            case ProbesPlanned() as plan:
                self._line(planned_line(plan))
            case ProbeStarted(arm, number, arch, _, steps):
                self._now("probe", f"{arm}, {arch}, seed {number}", 0, steps, f"{arm}, {arch}, seed {number}")
                if not self._console.is_terminal:
                    self._line(f"probe: {arm}, {arch}, seed {number}")
            case ProbeStep(arm, number, step, loss):
                self._doing = f"probe: {arm}, seed {number}, step {step + 1}"
                self._bar("probe", step + 1, None, None, loss)
            case Working(what, done, total):
                self._now("probe", f"{what}, {done} of {total}", done, total, what)
            case Note(text):
                self._line(text)
            case _:
                pass

    def _after_scan(self, files: int) -> None:
        """What follows takes a while, and has no number of pieces."""
        if not self._console.is_terminal:
            self._line(f"scanned {files} files")
        self._doing = f"{BETWEEN}{' and preparing the probes' if self._budget else ''}"
        if "start" not in self._tasks:
            self._tasks["start"] = self._progress.add_task(self._doing, total=None, note="")

    def _now(self, bar: str, doing: str, done: int, total: int, note: str) -> None:
        self._doing = doing
        self._bar(bar, done, total, note)

    def _line(self, text: str) -> None:
        self._spoke = time.monotonic()
        self._console.print(printable(redacted(text)), highlight=False, markup=False, soft_wrap=True)

    def _bar(self, name: str, done: int, total: int | None, note: str | None, loss: float | None = None) -> None:
        if name != "start" and "start" in self._tasks:
            self._progress.remove_task(self._tasks.pop("start"))
        if name not in self._tasks:
            self._tasks[name] = self._progress.add_task(name, total=total, note=note or "")
        if total is not None:
            self._progress.update(self._tasks[name], completed=done, total=total, note=note or "")
        else:
            self._progress.update(self._tasks[name], completed=done)
        if loss is not None:
            self._progress.update(self._tasks[name], description=f"{name} (loss {loss:.3f})")
