"""Processes that work on chunks of files.

Processes, not threads: a decoder that crashes on a hostile file kills its worker, not the program. A worker imports
only this module before its work, so it imports little.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection, parent_process, resource_tracker
from multiprocessing.context import SpawnContext, SpawnProcess
from types import ModuleType
from typing import Any, TypeVar

from diagnose.children import safe_path
from diagnose.dataset.measure import LONGEST

RARELY = 50_000  # new objects between two garbage collections: measuring leaves no cycles behind
EARLY = 4  # processes started before the amount of work is known
KEPT = 16 << 20  # bytes that a worker can allocate and free without requesting pages from the system each time
IN_FLIGHT = 4  # chunks waiting per worker; bounds memory
STALLED = 60.0  # seconds without a finished chunk, after which those in flight are processed file by file

Result = TypeVar("Result")
Places = list[tuple[str, str | None]]  # the file that holds an image, and which part of it
Chunk = tuple[list[int], Places]


class Workers:
    """Processes that work on chunks of files; a context manager that ends them."""

    def __init__(self, count: int, stop: threading.Event) -> None:
        self._count, self._stop = count, stop
        self._running: ProcessPoolExecutor | None = None

    @property
    def _pool(self) -> ProcessPoolExecutor:
        if self._running is None:
            self._running = _pool(self._count)
        return self._running

    def _restart(self) -> None:
        if self._running is not None:
            _end(self._running)
        self._running = None

    def start(self) -> None:
        """Start some of the processes before there is work."""
        for _ in range(min(self._count, EARLY)):
            self._pool.submit(os.getpid)

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self._restart()

    def each(
        self, chunks: Iterator[Chunk], work: Callable[[Places], list[Result]], crashed: Result, slow: Result
    ) -> Iterator[tuple[list[int], list[Result]]]:
        """Ids and results as they come in; `crashed` for a file that crashes its process, `slow` for one that takes
        longer than LONGEST."""
        pending: dict[Future[list[Result]], Chunk] = {}
        ended = time.monotonic()
        while not self._stop.is_set():
            while len(pending) < self._count * IN_FLIGHT and (chunk := next(chunks, None)):
                pending[self._pool.submit(work, chunk[1])] = chunk
            if not pending:
                return
            finished, _ = wait(pending, timeout=0.1, return_when=FIRST_COMPLETED)
            try:
                for future in finished:
                    results = future.result()
                    yield pending.pop(future)[0], results
                if finished:
                    ended = time.monotonic()
                elif time.monotonic() > ended + STALLED:
                    raise BrokenProcessPool
            except BrokenProcessPool:
                suspected, pending = list(pending.values()), {}
                self._restart()
                yield from self._one_by_one(suspected, work, crashed, slow)
                ended = time.monotonic()

    def _one_by_one(
        self, chunks: list[Chunk], work: Callable[[Places], list[Result]], crashed: Result, slow: Result
    ) -> Iterator[tuple[list[int], list[Result]]]:
        """The chunks in flight when a worker died or stalled, file by file: only the culprit is lost."""
        for ids, places in chunks:
            for number, place in zip(ids, places, strict=True):
                if self._stop.is_set():
                    return
                try:
                    results = self._pool.submit(work, [place]).result(LONGEST)
                except TimeoutError:
                    results = [slow]
                    self._restart()
                except BrokenProcessPool:
                    results = [crashed]
                    self._restart()
                yield [number], results


def _pool(workers: int) -> ProcessPoolExecutor:
    # The tracker that every spawn relies on inherits stderr by its number, which a TUI's replacement lacks.
    with contextlib.redirect_stderr(sys.__stderr__), safe_path():
        resource_tracker.ensure_running()
    return ProcessPoolExecutor(workers, mp_context=_BareContext(), initializer=_start_worker)


class _BareProcess(SpawnProcess):
    """A process that doesn't run the program's main module again: a user's script needs no `__main__` guard."""

    @staticmethod
    def _Popen(process_obj: Any) -> Any:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            with safe_path():
                return SpawnProcess._Popen(process_obj)
        finally:
            sys.modules["__main__"] = main


class _BareContext(SpawnContext):
    Process = _BareProcess


def _end(pool: ProcessPoolExecutor) -> None:
    """End the workers now; their results aren't needed any more."""
    processes = list((pool._processes or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.kill()  # a decoding process ignores anything softer
    pool.shutdown(wait=True)


def _start_worker() -> None:
    """Set up a worker: the parent handles Ctrl-C, a worker never outlives its parent, however that ended, and it
    computes on one core, since it is one of several."""
    from threadpoolctl import threadpool_limits

    import diagnose.dataset.image  # noqa: F401  numpy has to be imported to be limited

    threadpool_limits(1)
    bytearray(KEPT)  # freed at once: glibc keeps blocks up to the size of the largest that was freed
    gc.freeze()
    gc.set_threshold(RARELY)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        sentinel = parent.sentinel

        def follow() -> None:
            connection.wait([sentinel])
            os._exit(1)

        threading.Thread(target=follow, daemon=True).start()
