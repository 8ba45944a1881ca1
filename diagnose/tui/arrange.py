"""Which findings and checks are listed, in which order, under which headings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from diagnose.model import AREAS, CheckResult, Confidence, Finding, Severity, area

Item = Finding | CheckResult
STATES = {"crashed": "!", "skipped": "-", "passed": "✓"}

FILTERS: dict[str, Callable[[Item], bool]] = {
    "findings": lambda item: isinstance(item, Finding),
    "everything": lambda item: True,
    "errors": lambda item: isinstance(item, Finding) and item.severity.rank == 0,
    "not examined": lambda item: isinstance(item, CheckResult) and item.state != "passed",
    "passed": lambda item: isinstance(item, CheckResult) and item.state == "passed",
}
ORDERS: dict[str, Callable[[Item], tuple[object, ...]]] = {
    "harm": lambda item: (_rest(item),),  # findings come by their harm, each behind its cause
    "severity": lambda item: (_rank(item), item.code),
    "code": lambda item: (item.code, _rank(item)),
    "certainty": lambda item: (_certainty(item), _rank(item), item.code),
}
GROUPS: dict[str, Callable[[Item], str]] = {
    "none": lambda item: "",
    "severity": lambda item: item.severity.value if isinstance(item, Finding) else item.state,
    "area": lambda item: area(item.code),
}


@dataclass(frozen=True)
class View:
    """How the list is looked at. search: words that all have to be in an item's code, name or summary."""

    filter: str = "findings"
    order: str = "harm"
    group: str = "none"
    search: str = ""

    @property
    def folds(self) -> bool:
        """Whether every consequence stands below its cause."""
        return (
            self.order == "harm"
            and self.group == "none"
            and self.filter in ("everything", "findings")
            and not self.search
        )

    def arranged(self, items: Sequence[Item]) -> Iterator[tuple[str, list[Item]]]:
        """Headings with their items; one empty heading where nothing is grouped."""
        words = self.search.lower().split()
        kept = [item for item in items if FILTERS[self.filter](item) and all(word in _text(item) for word in words)]
        kept.sort(key=ORDERS[self.order])
        heading = GROUPS[self.group]
        names = dict.fromkeys(map(heading, kept))
        usual = {"area": [*AREAS.values()], "severity": [one.value for one in Severity]}.get(self.group, [])
        names = dict.fromkeys(name for name in (*usual, *names) if name in names)
        for name in names:
            yield name, [item for item in kept if heading(item) == name]


def after(word: str, words: Sequence[str]) -> str:
    """The word that comes next, the first after the last."""
    return words[(words.index(word) + 1) % len(words)]


def _rest(item: Item) -> tuple[int, str]:
    return (0, "") if isinstance(item, Finding) else (1 + list(STATES).index(item.state), item.code)


def _rank(item: Item) -> int:
    return item.severity.rank if isinstance(item, Finding) else 10 + list(STATES).index(item.state)


def _certainty(item: Item) -> int:
    return list(Confidence).index(item.confidence) if isinstance(item, Finding) else 10


def _text(item: Item) -> str:
    more = item.summary if isinstance(item, Finding) else item.why
    return f"{item.code} {item.name} {more} {area(item.code)}".lower()
