"""The scan's work and the search for near copies on a Ray cluster: tasks instead of local processes and threads, with
the same files and the same results.

Tasks, not Ray Data: a file that crashes a worker has to be isolated from its neighbours, and the list of a million
files stays in the store. Ray retries a task whose node died. Every node must see the files under the same path, as on
a shared file system.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

from diagnose.dataset.measure import LONGEST
from diagnose.dataset.workers import IN_FLIGHT, STALLED, Chunk, Places, Result
from diagnose.model import InputError

RETRIES = 3  # of a task whose worker or node died; Ray's default
# Ray prints what goes wrong in the cluster on stdout, which is the report's, whatever log_to_driver says; it reads this
# when it is imported.
UNPRINTED = {"RAY_DEDUP_LOGS": "1", "RAY_DEDUP_LOGS_SKIP_REGEX": "."}
ANSWER = 5.0  # seconds within which a cluster has to answer
WAIT = 0.1  # seconds between two checks of `stop`


def connected(address: str) -> Any:
    """Ray, connected to the cluster at `address` ("auto", host:port or ray://host:port). Raises InputError."""
    os.environ.update(UNPRINTED)
    try:
        import ray
    except ImportError:
        raise InputError("--ray needs Ray: pip install 'diagnose-training[ray]'.") from None
    if not ray.is_initialized():
        try:
            host, colon, port = address.removeprefix("ray://").rpartition(":")
            if colon and port.isdigit():  # Ray itself retries for minutes
                socket.create_connection((host.strip("[]"), int(port)), ANSWER).close()
            with _own_handler():
                ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, ignore_reinit_error=True)
        except (ConnectionError, ValueError, RuntimeError, OSError) as fault:
            why = str(fault).strip().splitlines()[0] if str(fault).strip() else type(fault).__name__
            raise InputError(f"--ray {address}: no Ray cluster answers there ({why[:120]}): start one first.") from None
    return ray


@contextmanager
def _own_handler() -> Iterator[None]:
    """SIGTERM stays handled as it was: Ray would end the process where it stands."""
    handler = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, handler)


class ClusterWorkers:
    """Like Workers: a context manager that hands out chunks of files, and other pieces of work, to processes of the
    cluster. count: its cores."""

    def __init__(self, address: str, stop: threading.Event) -> None:
        self._ray = connected(address)
        self._stop = stop
        self._task = self._ray.remote(max_retries=RETRIES)(_on_one_core)
        self.count = max(1, int(self._ray.cluster_resources().get("CPU", 1)))

    def start(self) -> None:
        """Do nothing: the cluster's processes are already running."""

    def __enter__(self) -> ClusterWorkers:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def submit(self, work: Callable[[Any], Any], piece: Any) -> Future[Any]:
        """Hand one piece of work to the cluster, as an Executor does."""
        future: Future[Any] = self._task.remote(work, piece).future()
        return future

    def each(
        self, chunks: Iterator[Chunk], work: Callable[[Places], list[Result]], crashed: Result, slow: Result
    ) -> Iterator[tuple[list[int], list[Result]]]:
        """Ids and results as they come in; `crashed` for a file that crashes its process, `slow` for one that takes
        longer than LONGEST."""
        chunks = ((ids, [(_anywhere(file), part) for file, part in places]) for ids, places in chunks)
        pending: dict[Any, Chunk] = {}
        ended = time.monotonic()
        while not self._stop.is_set():
            while len(pending) < self.count * IN_FLIGHT and (chunk := next(chunks, None)):
                pending[self._task.remote(work, chunk[1])] = chunk
            if not pending:
                return
            finished, _ = self._ray.wait(list(pending), num_returns=1, timeout=WAIT)
            if not finished and time.monotonic() > ended + STALLED:
                finished = list(pending)
                for reference in finished:
                    self._ray.cancel(reference, force=True)
            for reference in finished:
                ids, places = pending.pop(reference)
                try:
                    yield ids, self._ray.get(reference)
                except self._ray.exceptions.RayError:
                    yield from self._one_by_one(ids, places, work, crashed, slow)
                ended = time.monotonic()
        for reference in pending:
            self._ray.cancel(reference)

    def _one_by_one(
        self, ids: list[int], places: Places, work: Callable[[Places], list[Result]], crashed: Result, slow: Result
    ) -> Iterator[tuple[list[int], list[Result]]]:
        for number, place in zip(ids, places, strict=True):
            task = self._task.remote(work, [place])
            try:
                yield [number], self._ray.get(task, timeout=LONGEST)
            except self._ray.exceptions.GetTimeoutError:
                self._ray.cancel(task, force=True)
                yield [number], [slow]
            except self._ray.exceptions.RayError:
                yield [number], [crashed]


def _anywhere(file: str) -> str:
    """The file by a name that doesn't depend on the current folder, which the nodes don't share."""
    return file if "://" in file else os.path.abspath(file)


def _on_one_core(work: Callable[[Any], Any], piece: Any) -> Any:
    """Runs on a node: the work, on one core, since every core has its own task."""
    from threadpoolctl import threadpool_limits

    import diagnose.dataset.image  # noqa: F401  numpy has to be imported to be limited

    with threadpool_limits(1):
        return work(piece)
