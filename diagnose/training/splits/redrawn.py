"""Parts of one set of images that were drawn separately at random, so that they may overlap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Const, Event, Instance, Items, Thing, Value
from diagnose.model import Fact, SplitsOverlap
from diagnose.training.fields import ancestors
from diagnose.training.order.orders import alike, literal
from diagnose.training.pytorch.transforms import is_transform
from diagnose.training.splits.parts import beneath

SPLITS = ("random_split", "train_test_split")
SEEDS = (
    "torch.manual_seed",
    "numpy.random.seed",
    "random.seed",
    "lightning.seed_everything",
    "torch.random.manual_seed",
)
DRAWS = ("permutation", "randperm", "sample", "choice")
TRANSFORMS = ("transform", "target_transform", "transforms", "download")
CONSUMERS = ("DataLoader", "TensorDataset", "from_tensor_slices", ".fit", ".evaluate", ".predict", ".flow", ".score",
             ".flow_from_dataframe")  # fmt: skip
LISTED = {"ImageFolder": 1, "DatasetFolder": 1}  # how many positional arguments determine the images


def redrawn(reader: Reader) -> Iterator[Fact]:
    """Two random splits of one set, with one part of each used; two draws of indices into one set."""
    yield from _splits(reader)
    yield from _draws(reader)


def same_images(one: Value | None, other: Value | None) -> bool:
    """Whether two datasets certainly have the same images: one object, or the same folder with other transforms."""
    if one is None or other is None:
        return False
    if one is other:
        return True
    if not isinstance(one, Thing) or not isinstance(other, Thing) or one.name != other.name:
        return False
    if not one.name.startswith("torchvision.datasets."):
        return False
    count = LISTED.get(one.short, 2)
    chosen = [{name: value for name, value in thing.kwargs.items() if name not in TRANSFORMS} for thing in (one, other)]
    given = [thing.args[:count] for thing in (one, other)]
    same_names = chosen[0].keys() == chosen[1].keys() and len(given[0]) == len(given[1]) and (given[0] or chosen[0])
    return bool(same_names) and all(
        map(_same_known, (*given[0], *chosen[0].values()), (*given[1], *(chosen[1][name] for name in chosen[0])))
    )


def _made_alike(one: Value | None, other: Value | None) -> bool:
    """Whether two datasets of the program's own class differ only in their transforms. Row filters are not recorded,
    so a part of a table counts as different."""
    if not isinstance(one, Instance) or not isinstance(other, Instance) or one.cls is not other.cls:
        return False
    pairs = [(one.attrs[name], other.attrs.get(name)) for name in one.attrs if not name.startswith("__")]
    rest = [pair for pair in pairs if not all(map(is_transform, pair))]
    parts = [part for pair in rest for part in ancestors(Items(one.at, tuple(p for p in pair if p is not None)), 400)]
    compared = any(isinstance(part, Thing) and part.name in ("compare", "op~", "opand", "opor") for part in parts)
    return len(rest) > 0 and not compared and all(alike(*pair) for pair in rest)


def _same_known(one: Value, other: Value) -> bool:
    return one is other or (isinstance(one, Const) and alike(one, other))


# ---------------------------------------------------------------------- splits


def _splits(reader: Reader) -> Iterator[Fact]:
    events = [event for event in reader.trace.calls() if event.short in SPLITS and event.args]
    seeds = [event.index for event in reader.trace.calls(*SEEDS)]
    own_seeds = [event.index for event in reader.trace.calls(".manual_seed", ".set_state")]
    used = _used(reader)
    for place, event in enumerate(events):
        for earlier in events[:place]:
            given = earlier.args[0], event.args[0]
            if not (same_images(*given) or _made_alike(*given)):
                continue
            if not _by_different_chance(earlier, event, seeds, own_seeds):
                continue
            parts = [used.get(id(one.result), set()) for one in (earlier, event)]
            if parts[0] and parts[1] and not parts[0] & parts[1]:
                yield SplitsOverlap(event.at, "seeds", event.short, earlier.at.line)
                return


def _used(reader: Reader) -> dict[int, set[int]]:
    """By split, which of its parts a loader or a training uses: 0 the first, 1 the second."""
    used: dict[int, set[int]] = {}
    for event in reader.trace.calls():
        if not event.name.endswith(CONSUMERS):
            continue
        for given in (*event.args, *event.kwargs.values()):
            for one in beneath(given):
                if isinstance(one, Thing) and one.name == "[]" and isinstance(one.base, Thing):
                    place = literal(one.args[0]) if one.args else None
                    if one.base.short in SPLITS and isinstance(place, int):
                        used.setdefault(id(one.base), set()).add(place % 2)
    return used


def _by_different_chance(one: Event, other: Event, seeds: list[int], own_seeds: list[int]) -> bool:
    """Whether two splits certainly draw different parts."""
    own = [_seed(event) for event in (one, other)]
    if isinstance(own[0], Thing) and own[0] is own[1] and any(one.index < index < other.index for index in own_seeds):
        return False
    if own[0] is None and own[1] is None:
        return not any(one.index < index < other.index for index in seeds)
    if own[0] is None or own[1] is None:
        return True
    if own[0] is own[1] and isinstance(own[0], Thing) and one.short == "random_split":
        return True  # one generator, whose state advanced
    known = [literal(_number(value)) for value in own]
    return all(isinstance(number, int) for number in known) and known[0] != known[1]


def _seed(event: Event) -> Value | None:
    """A split's seed or generator; None for the global one."""
    given = event.kwargs.get("random_state") or event.kwargs.get("generator")
    if given is None and event.short == "random_split" and len(event.args) > 2:
        given = event.args[2]
    if literal(event.kwargs.get("shuffle")) is False:
        return Const(event.at, 0)
    return None if given is None or literal(given) is None else given


def _number(value: Value | None) -> Value | None:
    """The seed of torch.Generator().manual_seed(0), or the number itself."""
    if isinstance(value, Thing) and value.name == ".manual_seed" and value.args:
        return value.args[0]
    return value


# ---------------------------------------------------------------------- indices


def _draws(reader: Reader) -> Iterator[Fact]:
    """Two samplers or subsets over one set whose indices were drawn separately."""
    made = list(indexed(reader))
    drawn = [(one, draw) for one in made if (draw := _draw(one.indices)) is not None]
    seeds = [event.index for event in reader.trace.calls(*SEEDS)]
    order = {id(event.result): event.index for event in reader.trace.calls()}
    for place, (one, draw) in enumerate(drawn):
        for earlier, other in drawn[:place]:
            if other is draw or not same_images(earlier.dataset, one.dataset):
                continue
            between = sorted((order.get(id(other), 0), order.get(id(draw), 0)))
            seeded = any(between[0] < index < between[1] for index in seeds)
            if alike(_drawn_from(other), _drawn_from(draw)) and not seeded:
                yield SplitsOverlap(one.event.at, "random", draw.short, earlier.event.at.line)
                return


@dataclass(frozen=True, eq=False)
class Indexed:
    """A part of a dataset by indices: a Subset, or the sampler of a loader."""

    event: Event
    dataset: Value
    indices: Value


def indexed(reader: Reader) -> Iterator[Indexed]:
    """Every part of a dataset by indices."""
    samplers: dict[int, Value | None] = {}
    for event in reader.trace.calls():
        sampler = event.kwargs.get("sampler") if event.short == "DataLoader" else None
        if sampler is not None:
            samplers[id(sampler)] = event.arg(0, "dataset")
    for event in reader.trace.calls():
        if event.short == "Subset" and len(event.args) > 1:
            yield Indexed(event, event.args[0], event.args[1])
        elif event.short == "SubsetRandomSampler" and event.args:
            dataset = samplers.get(id(event.result))
            if dataset is not None:
                yield Indexed(event, dataset, event.args[0])


def _draw(indices: Value | None) -> Thing | None:
    """The random draw that indices come from, directly or as a slice."""
    while isinstance(indices, Thing) and (
        indices.name in ("[]", "[:]", ".tolist", ".numpy", "builtins.list") and indices.short not in DRAWS
    ):
        indices = indices.base if indices.base is not None else indices.args[0]
    return indices if isinstance(indices, Thing) and indices.short in DRAWS else None


def _drawn_from(draw: Thing) -> Value | None:
    """The population of a draw: a number of images or their indices."""
    return draw.args[0] if draw.args else None
