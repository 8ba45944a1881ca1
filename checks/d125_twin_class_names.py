"""Classes whose names are almost the same.

What it looks for: class names that are the same but for capitals, spaces, hyphens, leading zeros or the form of their
characters ("cat", "Cat ", "cat_"), or but for a plural ("cat", "cats"). Names of one letter are left alone.

Why it matters: a program takes them for two classes. The images of one class then teach the network to separate it from
itself, and whatever it answers, half of them count as wrong.

Example: a CSV that two people filled in: "No Finding" and "no finding"; folders merged from two downloads: dog, dogs.

Fix: give both the same name, or strip and lower the labels where they are read.

When it is wrong: two things may have such names, as a brand and a fruit may; letters of an alphabet by case have more
than one letter in their names.

Source: pandas.read_csv keeps the spaces of values unless skipinitialspace is given, and file systems distinguish
capitals, so each spelling is a separate folder and a separate class.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity, listed

NAMED = 4
SHORTEST = 3  # characters of a name whose plural is looked for


def judge(evidence: Evidence) -> Iterator[Finding]:
    data = evidence.data
    counts: dict[str, int] = {}
    for split in data.labels.values():
        for name, count in split.items():
            counts[name] = counts.get(name, 0) + count
    names = [name for name, count in sorted(counts.items()) if count and len(name.strip()) > 1]
    spelled = _groups(names, _spelling)
    certain = {name for group in spelled for name in group}
    plurals = [group for group in _groups(names, _singular) if not set(group) <= certain]
    for groups, confidence, how in (
        (spelled, Confidence.CERTAIN, "but for capitals, spaces or marks"),
        (plurals, Confidence.LIKELY, "but for a plural"),
    ):
        if not groups:
            continue
        twins = [" and ".join(f"'{name}' ({counts[name]})" for name in group) for group in groups]
        yield Finding(
            Severity.WARNING,
            summary=f"Classes have the same name {how}: {'; '.join(twins[:NAMED])}.",
            fix=f"If they are one class, give {listed([repr(name) for name in groups[0]])} the same name.",
            measured={"twins": [list(group) for group in groups]},
            confidence=confidence,
            subject="spelling" if groups is spelled else "plural",
        )


def _groups(names: Iterable[str], key: Callable[[str], str]) -> list[tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(key(name), []).append(name)
    return [tuple(group) for group in found.values() if len(group) > 1]


def _spelling(name: str) -> str:
    """A name without what people write one way or the other."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    plain = re.sub(r"[\s_\-.]+", " ", plain).strip()
    return str(int(plain)) if re.fullmatch(r"\d{1,18}", plain) else plain


def _singular(name: str) -> str:
    plain = _spelling(name)
    if len(plain) < SHORTEST or not plain[-1].isalpha():
        return plain
    if plain.endswith("ies") and len(plain) > SHORTEST + 1:
        return f"{plain[:-3]}y"
    if re.search(r"(ch|sh|x|ss)es$", plain):
        return plain[:-2]
    return plain[:-1] if plain.endswith("s") and not plain.endswith("ss") else plain


CHECK = Check("D125", "twin-class-names", needs=("data",), judge=judge)
