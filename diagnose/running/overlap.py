"""Which images validation shares with training: by the indices of one dataset, else by the files that both read."""

from __future__ import annotations

from functools import lru_cache
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from diagnose.running.recorder import FeedSeen

DEEPEST = 4  # subsets of subsets
LISTS = (
    "samples",
    "imgs",
    "items",
    "files",
    "paths",
    "filenames",
    "image_paths",
    "images",
    "data",
    "targets",
)  # attributes that say what a dataset holds
FEWEST = 3  # files that both read, from which on the share is estimated


def overlap(feed: FeedSeen, training: FeedSeen) -> float | None:
    """Share of a loader's images that the training loader reads too, 0..1; None where nothing tells.

    Both are seen in part. Where they are known by files, the share of those that were seen in both is divided by the
    share of the training images that were seen.
    """
    if (whole := _of_all(feed, training)) is not None:
        return whole
    if not feed.files or not training.files:
        return None
    opened, seen = ({path for path, _ in one.files} for one in (training, feed))
    common = len(opened & seen) / len(seen)
    if len(opened & seen) < FEWEST or not training.images:
        return common
    return min(1.0, common / min(1.0, len(opened) / training.images))


@lru_cache(maxsize=16)
def _of_all(feed: FeedSeen, training: FeedSeen) -> float | None:
    """The share over all items, where indices or lists of paths say it. They stay, and a run is summed up often."""
    if (share := _by_indices(feed, training)) is not None:
        return share
    mine, read = _listed(feed.dataset), _listed(training.dataset)
    return len(mine & read) / len(mine) if mine and read else None


def _by_indices(feed: FeedSeen, training: FeedSeen) -> float | None:
    drawn = feed.order != "" and training.order != ""  # a sampler of its own may take a part of the dataset
    if not drawn or not feed.indices or not training.indices:
        return None
    (base, mine), (other, read) = _parts(feed.dataset), _parts(training.dataset)
    if not _same(base, other):
        return None
    if read is None:
        return 1.0
    mine = frozenset(range(len(base))) if mine is None else mine
    return len(mine & read) / len(mine) if mine else None


def _parts(dataset: Any) -> tuple[Any, frozenset[int] | None]:
    """The dataset below torch's Subsets, and which of its items are taken; None for all."""
    taken: list[int] | None = None
    for _ in range(DEEPEST):
        inner, indices = getattr(dataset, "dataset", None), getattr(dataset, "indices", None)
        if inner is None or indices is None:
            break
        numbers = [int(number) for number in indices]
        taken = numbers if taken is None else [numbers[number] for number in taken]
        dataset = inner
    return dataset, frozenset(taken) if taken is not None else None


def _listed(dataset: Any) -> frozenset[str]:
    """The paths of all items, where the dataset has a list of them as long as itself."""
    base, taken = _parts(dataset)
    for name in LISTS:
        items = getattr(base, name, None)
        if not isinstance(items, list | tuple) or not items or length(base) != len(items):
            continue
        firsts = [one[0] if isinstance(one, list | tuple) and one else one for one in items]
        if all(isinstance(one, str | PurePath) for one in firsts):
            return frozenset(str(firsts[number]) for number in (range(len(firsts)) if taken is None else taken))
    return frozenset()


def length(sized: Any) -> int | None:
    """Of a dataset or a loader; None where it has none."""
    try:
        return len(sized)
    except (TypeError, NotImplementedError):
        return None


def _same(one: Any, other: Any) -> bool:
    """Whether two datasets hold the same items in the same order: one object, or two of a kind with equal lists."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    for name in LISTS:
        mine, others = getattr(one, name, None), getattr(other, name, None)
        if isinstance(mine, list | tuple) and isinstance(others, list | tuple):
            return len(mine) > 0 and mine == others
    return False
