"""The session's pictures, decoded in pieces: every question asks for as many as it needs, and none is decoded twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from diagnose.probing.clock import Machine
from diagnose.probing.images import load
from diagnose.probing.train import Images

Item = tuple[str, int]  # absolute path, class number
PIECE = 64  # images decoded between two looks at the clock
EXPECTED = 0.01  # seconds per image, until some were decoded: a photograph on a busy machine


def stratified(items: Sequence[Item]) -> tuple[Item, ...]:
    """The items in an order whose every beginning holds the classes in the proportions of the whole."""
    counts: dict[int, int] = {}
    places = []
    for place, (_, label) in enumerate(items):
        places.append((counts.get(label, 0), label, place))
        counts[label] = counts.get(label, 0) + 1
    return tuple(items[place] for _, _, place in sorted(((rank + 0.5) / counts[n], n, p) for rank, n, p in places))


class _Split:
    """One split's items, of which the first `len(pixels)` are decoded."""

    def __init__(self, items: Sequence[Item], size: int, device: torch.device) -> None:
        self.items = items
        self.labels = torch.tensor([label for _, label in items], device=device)
        self.pixels = torch.empty((0, 3, size, size), dtype=torch.uint8, device=device)

    def missing(self, count: int) -> int:
        return max(0, min(count, len(self.items)) - len(self.pixels))


class Pictures:
    """Square uint8 images of `size` px on the device. pace: seconds that decoding takes per image, as last measured."""

    def __init__(
        self,
        train: Sequence[Item],
        val: Sequence[Item],
        size: int,
        device: torch.device,
        machine: Machine,
        working: Callable[[str, int, int], None] = lambda what, done, total: None,
    ) -> None:
        """train, val: in the order of `stratified`. working: hears how far a longer decode is."""
        self.size, self.pace = size, EXPECTED
        self._machine, self._working = machine, working
        self._train, self._val = _Split(train, size, device), _Split(val, size, device)

    @property
    def most(self) -> tuple[int, int]:
        """Training and held-out images that there are."""
        return len(self._train.items), len(self._val.items)

    def cost(self, train: int, val: int) -> float:
        """Seconds that `first` would take."""
        return self.pace * (self._train.missing(train) + self._val.missing(val))

    def first(self, train: int, val: int) -> Images:
        """The first training and held-out images. Raises OutOfTime past the deadline; what was decoded is kept."""
        wanted = ((self._train, train), (self._val, val))
        total = sum(split.missing(count) for split, count in wanted)
        done = 0
        for split, count in wanted:
            pieces: list[Tensor] = []
            begin, end = len(split.pixels), min(count, len(split.items))
            try:
                for start in range(begin, end, PIECE):
                    self._machine.check()
                    paths = [path for path, _ in split.items[start : min(start + PIECE, end)]]
                    began = self._machine.clock()
                    pieces.append(load(paths, self.size).to(split.pixels.device))
                    self.pace = (self._machine.clock() - began) / len(paths)
                    done += len(paths)
                    self._working("decoding images", done, total)
            finally:
                split.pixels = torch.cat([split.pixels, *pieces])
        return Images(
            self._train.pixels[:train], self._train.labels[: min(train, len(self._train.pixels))],
            self._val.pixels[:val], self._val.labels[: min(val, len(self._val.pixels))],
        )  # fmt: skip
