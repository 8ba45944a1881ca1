"""Near copies that the scan finds, against published ones: `python tests/benchmarks/near_copies.py FOLDER LIST.csv`.

FOLDER: class folders in train/ and test/ (CIFAR-10's 60,000 as files). LIST.csv: test, train, distance, judgment: the
paths of pairs, and how a person judged them.
Printed: by judgment how many listed pairs are found, how many others are, the seconds of the scan and of the search.
"""

from __future__ import annotations

import csv
import sys
import threading
import time
from collections import Counter
from pathlib import Path

from diagnose.dataset.near import near_pairs
from diagnose.dataset.scan import scan
from diagnose.dataset.sources.find import find_source
from diagnose.dataset.store import Store


def main() -> int:
    root, listed = Path(sys.argv[1]), Path(sys.argv[2])
    begin = time.perf_counter()
    source = find_source(root)
    with Store() as store:
        list(scan(source, store, threading.Event()))
        scanned = time.perf_counter()
        pairs = near_pairs(store.db)
        ended = time.perf_counter()
        rows = store.db.execute("SELECT id, CAST(path AS TEXT) FROM entry")
        names = {number: "/".join(str(path).split("/")[-3:]) for number, path in rows}
    told = {frozenset((names[one], names[other])) for one, other in pairs}
    across = {pair for pair in told if len({name.split("/")[0] for name in pair}) == 2}
    wanted: Counter[str] = Counter()
    found: Counter[str] = Counter()
    known = set()
    with listed.open() as file:
        for row in csv.DictReader(file):
            pair = frozenset((row["test"], row["train"]))
            known.add(pair)
            wanted[row["judgment"]] += 1
            found[row["judgment"]] += pair in told
    print({judgment: f"{found[judgment]} of {count}" for judgment, count in sorted(wanted.items())})
    print(f"{len(told)} pairs, {len(across)} across the splits, {len(across - known)} of them not listed")
    print(f"scan {scanned - begin:.0f} s, search {ended - scanned:.0f} s")
    if len(sys.argv) > 3:
        Path(sys.argv[3]).write_text("\n".join(sorted(" ".join(sorted(pair)) for pair in across - known)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
