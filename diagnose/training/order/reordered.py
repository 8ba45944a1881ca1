"""Images and labels that are shuffled or split separately, so that they no longer match."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Const, Event, Items, Thing, Value
from diagnose.model import Fact, Location, ReorderedApart
from diagnose.training.fields import ancestors
from diagnose.training.lines import calls_on
from diagnose.training.order.orders import literal
from diagnose.training.order.pairs import Pair

SPLIT, SHUFFLE = "train_test_split", "shuffle"
DRAWN = ("permutation", "randperm", "sample", "choice")
SEEDS = ("numpy.random.seed", "random.seed", "torch.manual_seed", "keras.utils.set_random_seed")
PURPOSE = re.compile("random_|shuffl|permut|nois|fake|null", re.IGNORECASE)
DEEPEST = 40


@dataclass(frozen=True, eq=False)
class Reordering:
    """One random reordering of a sequence. subject: the object shared by everything it reorders."""

    how: str  # shuffle, split or index
    subject: Value
    index: int
    at: Location


def reordered_apart(reader: Reader, pairs: Iterable[Pair]) -> Iterator[Fact]:
    """Each training pair of which one side was put in another random order than the other."""
    reported: set[int] = set()
    chains = Chains(reader)
    for pair in pairs:
        if not pair.trains:
            continue
        found = chains.apart(pair)
        if found is not None and id(found.subject) not in reported and not _on_purpose(reader, found):
            reported.add(id(found.subject))
            yield ReorderedApart(found.at, how=found.how, paired_at=pair.at.line)


class Chains:
    """The steps of each sequence since it was created."""

    def __init__(self, reader: Reader) -> None:
        self._made = {id(event.result): event for event in reader.trace.calls()}
        self._shuffles = [event for event in reader.trace.calls() if event.short == SHUFFLE and len(event.args) == 1
                          and event.name.endswith((".shuffle",)) and _in_place(event)]  # fmt: skip
        self._appends: dict[int, list[int]] = {}
        for event in reader.trace:
            if event.kind == "append" and event.target is not None:
                self._appends.setdefault(id(event.target), []).append(event.index)
        self._seeds = [event.index for event in reader.trace.calls(*SEEDS)]

    def apart(self, pair: Pair) -> Reordering | None:
        """What reordered only one side of the pair, or both with different randomness; None where uncertain."""
        first, second = self._chain(pair.first), self._chain(pair.second)
        one, other = self._reorderings(first, pair.index), self._reorderings(second, pair.index)
        mine = [step for step in one if not any(step.subject is their.subject for their in other)]
        theirs = [step for step in other if not any(step.subject is their.subject for their in one)]
        for step, their in ((step, their) for step in mine for their in theirs if step.how == their.how):
            return their if self._by_different_chance(step, their) else None
        for steps, others, chain in ((mine, theirs, second), (theirs, mine, first)):
            for step in steps:
                if not others and step.how != "split" and self._made_before(chain, step.index):
                    return step
        return None

    def _by_different_chance(self, one: Reordering, other: Reordering) -> bool:
        seeds = [_seed(one.subject), _seed(other.subject)]
        if all(seed is None for seed in seeds):
            first, last = sorted((one.index, other.index))
            return not any(first < index < last for index in self._seeds)  # the generator may be reseeded between them
        if None in seeds:
            return True
        return all(isinstance(seed, Const) for seed in seeds) and literal(seeds[0]) != literal(seeds[1])

    def _made_before(self, chain: list[Value], index: int) -> bool:
        """Whether a side was complete when the other was reordered."""
        last = chain[-1] if chain else None
        if isinstance(last, Items):
            appends = self._appends.get(id(last), [])
            return bool(appends) and all(one < index for one in appends)
        return isinstance(last, Thing) and last.short.startswith("load") and self._index(last) < index

    def _index(self, value: Value) -> int:
        event = self._made.get(id(value))
        return event.index if event is not None else 0

    def _chain(self, value: Value | None) -> list[Value]:
        """The sequence and its earlier states, step by step, as long as its items correspond one to one."""
        found: list[Value] = []
        while value is not None and len(found) < DEEPEST:
            found.append(value)
            if isinstance(value, Thing) and _is_part_of_split(value):
                assert isinstance(value.base, Thing)
                found.append(value.base)
                place = literal(value.args[0])
                value = value.base.arg(place // 2) if isinstance(place, int) else None
            else:
                value = _before(value)
        return found

    def _reorderings(self, chain: list[Value], before: int) -> list[Reordering]:
        found: list[Reordering] = []
        for one in chain:
            found += [Reordering("shuffle", one, event.index, event.at) for event in self._shuffles
                      if event.args[0] is one and event.index < before]  # fmt: skip
            if isinstance(one, Thing) and one.short == SPLIT:
                if literal(one.kwargs.get("shuffle")) is not False:
                    found.append(Reordering("split", one, self._index(one), one.at))
            elif isinstance(one, Thing) and one.name == "[]" and one.args:
                drawn = next((part for part in ancestors(one.args[0], 30)
                              if isinstance(part, Thing) and part.short in DRAWN), None)  # fmt: skip
                if drawn is not None:
                    found.append(Reordering("index", drawn, self._index(drawn), one.at))
        return found


def _on_purpose(reader: Reader, step: Reordering) -> bool:
    """Whether the shuffled value is named for it: random_labels, shuffled."""
    return any(PURPOSE.search(ast.unparse(one)) for call in calls_on(reader, step.at) for one in call.args)


def _seed(subject: Value) -> Value | None:
    """A split's own seed; None for None and where it draws from the global generator."""
    given = subject.kwargs.get("random_state") if isinstance(subject, Thing) else None
    return None if literal(given) is None else given


def _is_part_of_split(value: Thing) -> bool:
    return value.name == "[]" and isinstance(value.base, Thing) and value.base.short == SPLIT


def _in_place(event: Event) -> bool:
    return event.name in ("random.shuffle", "numpy.random.shuffle") or (
        event.name == ".shuffle" and isinstance(event.target, Thing) and event.target.short in ("default_rng", "Random")
    )


def _before(value: Value) -> Value | None:
    """A sequence one step earlier, with corresponding items; None where unknown."""
    if not isinstance(value, Thing):
        return None
    if value.name in ("[]", "[:]") or value.name.startswith("."):
        return value.base
    if value.name.startswith("op"):
        return next((part for part in value.args if not isinstance(part, Const)), None)
    if value.name[:1].isalpha() and value.package in ("numpy", "torch", "keras", "tensorflow", "builtins"):
        return value.args[0] if value.args else None
    return None
