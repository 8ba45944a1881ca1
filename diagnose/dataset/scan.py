"""The scan: every file of a layout measured by worker processes, the results streamed into a store.

Processes, not threads: a decoder that crashes on a hostile file takes a worker with it, not the program.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection, get_context, parent_process, resource_tracker

from diagnose.dataset.folder import Layout, list_entries
from diagnose.dataset.image import UNREADABLE, Measure, measure_all
from diagnose.dataset.store import Store
from diagnose.events import ScanProgress

CHUNK = 64  # files a message: the pipe's cost vanishes, and cancelling still answers at once
IN_FLIGHT = 4  # chunks waiting per worker; bounds memory

CRASHED = Measure(UNREADABLE, "the image decoder crashed on this file")


def scan(layout: Layout, store: Store, stop: threading.Event, workers: int | None = None) -> Iterator[ScanProgress]:
    """Measures the layout's files into `store`, yielding progress; returns early once `stop` is set."""
    total = store.enlist(layout, list_entries(layout))
    workers = workers or min(os.cpu_count() or 1, max(1, total // CHUNK + 1))
    done = faults = 0
    yield ScanProgress(0, total, 0)
    for ids, measures in _measured(store, workers, stop):
        store.record(ids, measures)
        done += len(ids)
        faults += sum(m.fault is not None for m in measures)
        yield ScanProgress(done, total, faults)


def _measured(store: Store, workers: int, stop: threading.Event) -> Iterator[tuple[list[int], list[Measure]]]:
    chunks = store.unmeasured(CHUNK)
    pending: dict[Future[list[Measure]], tuple[list[int], list[str]]] = {}
    pool = _pool(workers)
    try:
        while not stop.is_set():
            while len(pending) < workers * IN_FLIGHT and (chunk := next(chunks, None)):
                pending[pool.submit(measure_all, chunk[1])] = chunk
            if not pending:
                return
            finished, _ = wait(pending, timeout=0.1, return_when=FIRST_COMPLETED)
            try:
                for future in finished:
                    ids, _ = pending[future]
                    measures = future.result()
                    del pending[future]
                    yield ids, measures
            except BrokenProcessPool:
                suspects, pending = list(pending.values()), {}
                _end(pool)
                yield from _one_by_one(suspects, stop)
                pool = _pool(workers)
    finally:
        _end(pool)


def _one_by_one(
    chunks: list[tuple[list[int], list[str]]], stop: threading.Event
) -> Iterator[tuple[list[int], list[Measure]]]:
    """The chunks that were in flight when a worker died, a file at a time: the killer is named, the rest measured."""
    pool = _pool(1)
    try:
        for ids, paths in chunks:
            for number, path in zip(ids, paths, strict=True):
                if stop.is_set():
                    return
                try:
                    measures = pool.submit(measure_all, [path]).result()
                except BrokenProcessPool:
                    measures = [CRASHED]
                    _end(pool)
                    pool = _pool(1)
                yield [number], measures
    finally:
        _end(pool)


def _pool(workers: int) -> ProcessPoolExecutor:
    # The tracker that every spawn relies on inherits stderr by its number, which a TUI's stand-in lacks.
    with contextlib.redirect_stderr(sys.__stderr__):
        resource_tracker.ensure_running()
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_start_worker)


def _end(pool: ProcessPoolExecutor) -> None:
    """Ends the workers now; what they were doing is of no use to anyone."""
    processes = list((pool._processes or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.terminate()
    pool.shutdown(wait=True)


def _start_worker() -> None:
    """Ctrl-C is the parent's to handle, and a worker never outlives its parent, however that ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        sentinel = parent.sentinel

        def follow() -> None:
            connection.wait([sentinel])
            os._exit(1)

        threading.Thread(target=follow, daemon=True).start()
