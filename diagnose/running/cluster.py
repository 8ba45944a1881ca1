"""A person's program on a node of a Ray cluster: the same work as here, with its answers as they come.

An actor in place of a task: it can be asked to stop, so that the side that started the processes ends them, and its
answers also come through ray://. Programs and images lie under the same path on every node.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from queue import Empty, SimpleQueue
from typing import Any

from diagnose.dataset.cluster import connected
from diagnose.model.run import Run
from diagnose.running.child import GRACE, Asked, run

STARTING = 60.0  # seconds within which a node has to begin
ENDING = 20.0  # seconds that the node has to end what it began: Sandbox.end waits up to 11
SILENCE = 1.0  # seconds that the node waits for an answer before it says that there is none yet
POLL = 0.2  # seconds between two checks of `stop`
MOST_CORES = 4  # that a program without a GPU asks for: its training and its loaders

Work = Callable[[threading.Event], Iterator[Any]]


class Lost(Exception):
    """The cluster did not do the work; the message says why, in one sentence."""


class Node:
    """On a node: does the work in a thread, and hands out what it yields."""

    def __init__(self, work: Work) -> None:
        self._stop, self._ended = threading.Event(), False
        self._answers: SimpleQueue[Any] = SimpleQueue()
        threading.Thread(target=self._do, args=(work,), daemon=True).start()

    def _do(self, work: Work) -> None:
        try:
            for answer in work(self._stop):
                self._answers.put(answer)
        except Exception as fault:
            self._answers.put(Lost(f"it failed on the node ({type(fault).__name__}: {fault})"))
        finally:
            self._ended = True

    def more(self, stop: bool) -> tuple[list[Any], bool]:
        """What has come since, waited for a while, and whether that is all. stop: whether the work is to end soon."""
        if stop:
            self._stop.set()
        answers, ended = [], self._ended
        with contextlib.suppress(Empty):
            answers.append(self._answers.get(timeout=0 if ended else SILENCE))
            while True:
                answers.append(self._answers.get_nowait())
        return answers, ended


def answers_of(address: str, work: Work, gpu: bool, seconds: float, stop: threading.Event) -> Iterator[Any]:
    """What `work` yields on a node of the cluster at `address`, as it comes. gpu: whether it asks for one, where the
    cluster has any; seconds: after its beginning, when it is stopped. Nothing of it runs once this has ended.

    Raises InputError where no cluster answers, and Lost.
    """
    ray = connected(address)
    wanted, called = _wanted(ray, gpu)
    node = ray.remote(max_restarts=0, max_task_retries=0, **wanted)(Node).remote(work)
    deadline, begun = time.monotonic() + STARTING, False
    asked, ended = node.more.remote(False), False
    try:
        while not ended and not stop.is_set():
            if ray.wait([asked], timeout=POLL)[0]:
                answers, ended = _got(ray, asked, begun)
                deadline, begun = deadline if begun else time.monotonic() + seconds, True
                asked = node.more.remote(False)
                for answer in answers:
                    if isinstance(answer, Lost):
                        raise answer
                    yield answer
            elif time.monotonic() > deadline:
                late = f"it did not end within {seconds:.0f} s"
                raise Lost(late if begun else f"no node of the cluster had {called} for it within {STARTING:.0f} s")
    finally:
        if begun and not ended:
            _stop(ray, node)
        ray.kill(node)


def _stop(ray: Any, node: Any) -> None:
    """Waits until the work has ended its processes, as far as it does so in time."""
    until, ended = time.monotonic() + ENDING, False
    with contextlib.suppress(ray.exceptions.RayError):
        while not ended and (left := until - time.monotonic()) > 0:
            _, ended = ray.get(node.more.remote(True), timeout=left)


def _got(ray: Any, asked: Any, begun: bool) -> tuple[list[Any], bool]:
    try:
        answers, ended = ray.get(asked)
        return answers, ended
    except ray.exceptions.RayError:
        if not begun:
            raise Lost("no node of the cluster could begin it: this version of diagnose has to be there") from None
        raise Lost("the node of the cluster that ran it was lost, or its process there") from None


def _wanted(ray: Any, gpu: bool) -> tuple[dict[str, int], str]:
    """What an actor asks for, and that in words."""
    if gpu and ray.cluster_resources().get("GPU"):
        return {"num_gpus": 1}, "a free GPU"
    most = max((node["Resources"].get("CPU", 0) for node in ray.nodes() if node["Alive"]), default=1)
    cores = max(1, min(MOST_CORES, int(most)))
    return {"num_cpus": cores}, f"{cores} free processors" if cores > 1 else "a free processor"


class _Running:
    """The work of a run; a class, so that a node unpickles it by its name."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked

    def __call__(self, stop: threading.Event) -> Iterator[Run]:
        return run(self._asked, stop)


def run_there(address: str, asked: Asked, stop: threading.Event) -> Iterator[Run]:
    """As `run`, on a node of the cluster at `address`. Raises InputError where no cluster answers."""
    last = Run(asked.shown)
    work = _Running(replace(asked, folder=os.getcwd()))
    try:
        for last in answers_of(address, work, True, asked.limit + 2 * GRACE + ENDING, stop):
            yield last
    except Lost as lost:
        yield replace(last, ended="crashed", why=str(lost))
        return
    if last.ended == "running":
        yield replace(last, ended="stopped", why="the run was interrupted")
