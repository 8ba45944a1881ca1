"""How far copies may be changed and are still found: `python tests/benchmarks/near_reach.py FOLDER [FINDER]`.

FOLDER: originals in train/CLASS/CHANGE@STRENGTH__NUMBER.jpg and the changed ones of the same name in val/.
Printed: for each change and strength how many of its pairs are found, how many others are, and the seconds. FINDER is
diagnose, cleanvision (near and exact duplicates, its defaults) or imagededup (PHash, its default distance of 10); the
other two run where they are installed.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from itertools import combinations
from pathlib import Path

Pairs = set[frozenset[str]]  # of paths below the folder, without their ending


def name(path: str | Path) -> str:
    return "/".join(Path(path).with_suffix("").parts[-3:])


def by_diagnose(root: Path) -> Pairs:
    from diagnose.dataset.near import near_pairs
    from diagnose.dataset.scan import scan
    from diagnose.dataset.sources.find import find_source
    from diagnose.dataset.store import Store

    with Store() as store:
        list(scan(find_source(root), store, threading.Event()))
        names = {number: name(path) for number, path in store.db.execute("SELECT id, CAST(path AS TEXT) FROM entry")}
        equal = store.db.execute("SELECT group_concat(id) FROM measure GROUP BY picture HAVING count(*) > 1")
        pairs = {tuple(pair) for (ids,) in equal for pair in combinations(map(int, ids.split(",")), 2)}
        pairs |= set(near_pairs(store.db))
    return {frozenset((names[one], names[other])) for one, other in pairs}


def by_cleanvision(root: Path) -> Pairs:
    from cleanvision import Imagelab

    lab = Imagelab(data_path=str(root))
    lab.find_issues({"near_duplicates": {}, "exact_duplicates": {}}, n_jobs=2)
    sets = [group for kind in ("near_duplicates", "exact_duplicates") for group in lab.info[kind]["sets"]]
    return {frozenset(map(name, pair)) for group in sets for pair in combinations(group, 2)}


def by_imagededup(root: Path) -> Pairs:
    from imagededup.methods import PHash

    hashes = PHash(verbose=False)
    paths = [path for path in sorted(root.rglob("*")) if path.is_file()]
    found = hashes.find_duplicates(encoding_map={str(path): hashes.encode_image(str(path)) for path in paths})
    return {frozenset((name(one), name(other))) for one, others in found.items() for other in others}


FINDERS = {"diagnose": by_diagnose, "cleanvision": by_cleanvision, "imagededup": by_imagededup}


def main() -> int:
    root, finder = Path(sys.argv[1]), FINDERS[sys.argv[2] if len(sys.argv) > 2 else "diagnose"]
    begin = time.perf_counter()
    told = finder(root)
    seconds = time.perf_counter() - begin
    wanted: Counter[str] = Counter()
    found: Counter[str] = Counter()
    right = set()
    for path in sorted((root / "val").rglob("*.*")):
        copy = name(path)
        pair = frozenset((copy, copy.replace("val/", "train/", 1)))
        change = path.name.split("__")[0]
        wanted[change] += 1
        found[change] += pair in told
        right.add(pair)
    for change, count in wanted.items():
        print(f"{change:24} {found[change]:3} of {count}")
    print(f"{found.total()} of {wanted.total()}, {len(told - right)} other pairs, {seconds:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
