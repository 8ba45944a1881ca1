"""Images of one patient, video or scene on both sides of a split, by the names of files and folders.

Such images are alike without being copies: a network that recognises the patient needn't recognise the illness.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator

from diagnose.dataset.table import USABLE
from diagnose.model import SeriesLeak, printable

# Words for the subject that several images share, followed by a number or a short code.
SERIES = re.compile(
    r"(?<![a-z])(patient|pat|subject|subj|sub|person|participant|volunteer|individual|animal|cow|case|video|vid|clip|"
    r"sequence|seq|scene|session|slide|wsi|specimen|sample|plant|tree|burst|track|donor|eye|finger|house|site|camera)"
    r"s?[ _-]?(?:id[ _-]?)?(\d+[a-z]?|[a-z]{0,2}\d{2,})(?![a-z0-9])",
    re.I,
)
FRAME = re.compile(r"^(.*?[0-9a-z].*?)[ _-]*(?:frame|frm|fr|f)[ _-]?\d+$", re.I)  # clip03_frame0007
SHORT = {"pat": "patient", "sub": "subject", "subj": "subject", "vid": "video", "seq": "sequence", "wsi": "slide"}
COVERED = 0.8  # share of the images whose names have to contain one
FEWEST = 5  # series in all
LARGEST = 0.2  # share of the images that one series may have: a single camera for all isn't a series
EXAMPLES = 5


def series_leaks(db: sqlite3.Connection, training: str, classes: frozenset[str]) -> tuple[SeriesLeak, ...]:
    """Per held-out split, the images whose series is also in the training images."""
    rows = db.execute(f"SELECT split, path, member FROM image WHERE {USABLE}")
    keys: dict[str, Counter[str]] = defaultdict(Counter)
    named: dict[str, str] = {}
    words: Counter[str] = Counter()
    total = 0
    for split, stored, member in rows:
        total += 1
        path = os.fsdecode(stored)
        series = _series(f"{path}/{member or ''}", classes | {split})
        if series is not None:
            word, key = series
            words[word] += 1
            keys[split][key] += 1
            named.setdefault(f"{split} {key}", path)
    every: Counter[str] = sum(keys.values(), Counter())
    whole = sum(every.values())
    if not total or whole < COVERED * total or len(every) < FEWEST or whole < 2 * len(every):
        return ()
    if max(every.values()) > LARGEST * whole:
        return ()
    return tuple(_leaks(keys, training, named, words.most_common(1)[0][0]))


def _leaks(keys: dict[str, Counter[str]], training: str, named: dict[str, str], word: str) -> Iterator[SeriesLeak]:
    for split, own in keys.items():
        shared = sorted(key for key in own if key in keys[training])
        if split == training or not shared:
            continue
        examples = tuple(
            (printable(named[f"{training} {key}"]), printable(named[f"{split} {key}"])) for key in shared[:EXAMPLES]
        )
        yield SeriesLeak(split, word, len(shared), sum(own[key] for key in shared), sum(own.values()), examples)


def _series(path: str, besides: frozenset[str]) -> tuple[str, str] | None:
    """(word, word and number) of the series that a path names; None if it names none."""
    parts = [part for part in path.split("/") if part and part not in besides]
    for part in reversed(parts[-3:]):
        stem = part.rpartition(".")[0] or part
        if (frame := FRAME.match(stem)) is not None:
            return "video", frame[1].lower()
        if (found := SERIES.search(stem)) is not None:
            word = SHORT.get(found[1].lower(), found[1].lower())
            return word, f"{word}{found[2].lower()}"
    return None
