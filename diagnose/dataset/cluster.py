"""The scan's work on a Ray cluster: tasks in the place of local processes, the same files and the same results.

Tasks, not Ray Data: a file that takes a worker down has to be told apart from its neighbours, and the list of a
million files stays in the store. Ray runs a task again whose node died. Every node has to see the files under the same
path, as on a shared file system.
"""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from diagnose.dataset.measure import LONGEST
from diagnose.dataset.workers import IN_FLIGHT, STALLED, Chunk, Places, Result
from diagnose.model import InputError

RETRIES = 3  # of a task whose worker or node died; Ray's own default
ANSWER = 5.0  # seconds in which a cluster has to answer
WAIT = 0.1  # seconds between two looks at `stop`


def connected(address: str) -> Any:
    """Ray, connected to the cluster at `address` ("auto", host:port or ray://host:port). Raises InputError."""
    try:
        import ray
    except ImportError:
        raise InputError("--ray needs Ray: pip install 'diagnose-training[ray]'.") from None
    if not ray.is_initialized():
        try:
            host, colon, port = address.removeprefix("ray://").rpartition(":")
            if colon and port.isdigit():  # Ray itself goes on trying for minutes
                socket.create_connection((host.strip("[]"), int(port)), ANSWER).close()
            ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, ignore_reinit_error=True)
        except (ConnectionError, ValueError, RuntimeError, OSError) as fault:
            why = str(fault).strip().splitlines()[0] if str(fault).strip() else type(fault).__name__
            raise InputError(f"--ray {address}: no Ray cluster answers there ({why[:120]}): start one first.") from None
    return ray


class ClusterWorkers:
    """As Workers: a context manager that gives out chunks of files; its processes are the cluster's."""

    def __init__(self, address: str, stop: threading.Event) -> None:
        self._ray = connected(address)
        self._stop = stop
        self._task = self._ray.remote(max_retries=RETRIES)(_on_one_core)
        self._count = max(1, int(self._ray.cluster_resources().get("CPU", 1)))

    def start(self) -> None:
        """Nothing: the cluster's processes are there."""

    def __enter__(self) -> ClusterWorkers:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def each(
        self, chunks: Iterator[Chunk], work: Callable[[Places], list[Result]], crashed: Result, slow: Result
    ) -> Iterator[tuple[list[int], list[Result]]]:
        """Ids and results as they come in; `crashed` for a file that takes its process down, `slow` for one that takes
        longer than LONGEST."""
        pending: dict[Any, Chunk] = {}
        ended = time.monotonic()
        while not self._stop.is_set():
            while len(pending) < self._count * IN_FLIGHT and (chunk := next(chunks, None)):
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


def _on_one_core(work: Callable[[Places], list[Result]], places: Places) -> list[Result]:
    """On a node: the work, computed on one core, since every core has a task of its own."""
    from threadpoolctl import threadpool_limits

    import diagnose.dataset.image  # noqa: F401  numpy has to be there to be limited

    with threadpool_limits(1):
        return work(places)
