"""Work in pieces that hold all that they need, so that threads or the tasks of a cluster do it with the same result."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from typing import Any, NamedTuple, TypeVar

Piece = TypeVar("Piece")
Result = TypeVar("Result")
IN_FLIGHT = 2  # pieces per worker at a time; bounds memory


class Pool(NamedTuple):
    """How a function is handed to a worker, as by an Executor, and how many workers there are."""

    submit: Callable[..., Future[Any]]
    workers: int

    def each(self, work: Callable[[Piece], Result], pieces: Iterable[Piece]) -> Iterator[Result]:
        """The result for each piece, in order; a few pieces exist at a time."""
        waiting: deque[Future[Result]] = deque()
        for piece in pieces:
            waiting.append(self.submit(work, piece))
            del piece
            if len(waiting) >= IN_FLIGHT * self.workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
