"""From the scan's table to the evidence on the dataset: counts and measurements, no judgements."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from diagnose.dataset.loaders import loader_views, mask_files, several_labels, unsorted_splits
from diagnose.dataset.measure import TRUNCATED, UNREADABLE
from diagnose.dataset.near import grouped, near_pairs
from diagnose.dataset.outliers import FLAT, outliers
from diagnose.dataset.pictures import pictures
from diagnose.dataset.series import series_leaks
from diagnose.dataset.shift import measured_shifts
from diagnose.dataset.shortcuts import shortcuts
from diagnose.dataset.sources.source import Source
from diagnose.dataset.store import Store
from diagnose.dataset.table import GREY, USABLE, numbers
from diagnose.model import ClassRow, Dataset, Files, Groups, Histogram, Spread, printable, training_split

EXAMPLES = 5  # files named per finding; the count says how many there are
LONG = 3.0  # aspect ratio: a centre crop keeps less than a third
STRAY = (".", "__")  # prefixes of folders that tools leave behind, such as .ipynb_checkpoints and __MACOSX
# Folders of network drives, file systems and viewers, in lower case.
STRAY_NAMES = ("@eadir", "#recycle", "$recycle.bin", "system volume information", "lost+found", "thumbs", "thumbnails")
# Folders of labels beside the classes: strays only if they hold no images.
BESIDE_CLASSES = ("annotations", "annotation", "bboxes", "json", "labels", "xml", "xmls")
HISTOGRAMS = {
    "shorter side": "min(width, height)",
    "brightness": "brightness / 255.0",
    "bytes per pixel": "1.0 * file_bytes / (width * height)",
}
BARS = 24


def summarise(store: Store, source: Source) -> Dataset:
    """The evidence on the dataset, from the files measured so far."""
    return with_near_copies(surveyed(store, source), store, near_pairs(store.db))


def with_near_copies(dataset: Dataset, store: Store, near: list[tuple[int, int]]) -> Dataset:
    """The evidence with near-duplicates added. near: ids of pairs, the surest first."""
    places = _places(store, near)
    leaks = [(a, b) for a, b in near if _parted(places[a], places[b])]
    same_split = [(a, b) for a, b in near if places[a][0] == places[b][0]]
    copies = [(a, b) for a, b in same_split if places[a][1] == places[b][1]]
    conflicts = [(a, b) for a, b in same_split if places[a][1] != places[b][1]]
    dataset = replace(
        dataset,
        near_leaks=tuple(
            (places[a][2], places[b][2]) if places[a][0] == "train" else (places[b][2], places[a][2]) for a, b in leaks
        ),
        near_leaked_images=dict(Counter(split for _, split in {_held(pair, places) for pair in leaks})),
        near_conflicts=_sets(conflicts, places),
        near_duplicates=_sets(copies, places),
        searched=True,
    )
    return with_pictures(dataset, store)


def with_pictures(dataset: Dataset, store: Store) -> Dataset:
    """The evidence with a small picture of each image that it names added."""
    return replace(dataset, pictures=pictures(store, _examples(dataset), dataset.pictures))


def surveyed(store: Store, source: Source) -> Dataset:
    """The evidence on the dataset without its near-duplicates, which take longest to find, and its pictures."""
    store.execute("CREATE INDEX IF NOT EXISTS by_class ON entry (split, label)")
    store.execute("CREATE INDEX IF NOT EXISTS by_picture ON measure (coalesce(full_picture, picture))")
    mean, spread = _colours(store)
    counted = counts(store)
    expected = sorted({(split, printable(label)) for split, label in source.expected()})
    ignored = store.read_text("ignored files") or ""
    return Dataset(
        root=store.root,
        counts=counted,
        mean=tuple(value / 255 for value in mean),
        std=tuple(value / 255 for value in spread),
        width=_spread(store, "width"),
        height=_spread(store, "height"),
        modes=_files_by(store, "mode", USABLE),
        faults=_faults(store),
        duplicates=_groups(store, "picture, split, label", "count(*) > 1"),
        leaks=_groups(store, "picture", "count(DISTINCT split) > 1 AND max(split = 'train')"),
        leaked_images=_leaked(store),
        conflicts=_groups(store, "picture, split", "count(DISTINCT label) > 1"),
        grey=_files(store, f"{USABLE} AND mode = 'RGB' AND chroma < {GREY} AND bright - dark > {FLAT}"),
        rotated=_files(store, f"{USABLE} AND orientation > 1", "orientation"),
        long=_files(store, f"{USABLE} AND max(width, height) >= {LONG} * min(width, height)", "width || 'x' || height"),
        outliers={kind: _named(store, ids) for kind, ids in outliers(store.db).items()},
        shorter_side=_percentiles(store, "min(width, height)"),
        empty_classes=tuple(f"{split}/{label}" for split, label in expected if not _listed(store, split, label)),
        stray=tuple(sorted({label for split, label in expected if _is_stray(store, counted, split, label)})),
        ignored=Files(int(store.read_text("ignored") or 0), tuple(filter(None, ignored.split("\n")))),
        shortcuts=() if source.several else shortcuts(store.db, training_split(counted), source.ordered),
        table=_table(store),
        histograms={name: _histogram(store, what) for name, what in HISTOGRAMS.items()},
        reading=source.notes,
        loaders=loader_views(source, json.loads(store.read_text("endings") or "[]")),
        unsorted=unsorted_splits(source, counted),
        masks=mask_files(store.root, *json.loads(store.read_text("masks") or "[0, []]")),
        several=several_labels(counted) if source.several else None,
        series_leaks=series_leaks(store.db, training_split(counted), frozenset(n for c in counted.values() for n in c)),
        shifts=() if source.several else measured_shifts(store.db, counted, training_split(counted)),
        searched=False,
    )  # fmt: skip


def _is_stray(store: Store, counted: Mapping[str, Mapping[str, int]], split: str, label: str) -> bool:
    """Whether a folder among the classes isn't a class: by its name; or, if another split lacks it, because it holds
    only copies of pictures in other classes."""
    name = label.lower()
    if label.startswith(STRAY) or name in STRAY_NAMES:
        return True
    if not _listed(store, split, label):
        return name in BESIDE_CLASSES
    if all(label in labels for labels in counted.values()) or len(counted.get(split, ())) < 3:
        return False
    own = store.execute(
        f"SELECT 1 FROM image AS one WHERE split = ? AND label = ? AND NOT ({USABLE} AND EXISTS (SELECT 1 FROM image"
        " WHERE picture = one.picture AND split = one.split AND label <> one.label)) LIMIT 1",
        (split, label),
    )
    return own.fetchone() is None


def _examples(dataset: Dataset) -> list[str]:
    """The names of images that findings may show, each once; of faulty ones, those that a worker decoded."""
    one = (
        dataset.rotated, dataset.grey, dataset.long, *dataset.outliers.values(), *dataset.modes.values(),
        dataset.faults.get(TRUNCATED, Files()),
    )  # fmt: skip
    groups = (
        dataset.duplicates, dataset.near_duplicates, dataset.conflicts, dataset.near_conflicts, dataset.leaks,
        Groups(examples=dataset.near_leaks[:EXAMPLES]),
    )  # fmt: skip
    names = [name for files in one for name in files.examples]
    names += [name for sets in groups for group in sets.examples for name in group]
    return list(dict.fromkeys(names))


def counts(store: Store) -> dict[str, dict[str, int]]:
    """Usable images per split and class."""
    counted: dict[str, dict[str, int]] = {}
    for split, label, count in store.execute(
        f"SELECT split, label, sum({USABLE}) FROM image GROUP BY split, label ORDER BY split, label"
    ):
        counted.setdefault(split, {})[label] = count
    return counted


# ---------------------------------------------------------------------- pixels


def _colours(store: Store) -> tuple[list[float], list[float]]:
    """Mean and deviation of each channel over all pixels, 0..255; the deviation lost by reduced decodes is corrected
    with the images that were also decoded in full."""
    area = "1.0 * width * height"
    (pixels, *sums) = store.execute(
        f"SELECT sum({area}), {', '.join(f'sum({area} * {name})' for name in MOMENTS)} FROM image WHERE {USABLE}"
    ).fetchone()
    if not pixels:
        return [0.0] * 3, [0.0] * 3
    (seen, *lost) = store.execute(
        f"SELECT sum({area}), {', '.join(f'sum({area} * (full_{name} - {name}))' for name in MOMENTS)}"
        f" FROM image WHERE {USABLE} AND scale > 1 AND full_red IS NOT NULL AND sampled"
    ).fetchone()
    (share,) = store.execute(f"SELECT sum({area}) FROM image WHERE {USABLE} AND scale > 1").fetchone()
    factor = (share or 0.0) / seen if seen else 0.0
    moments = [(total + factor * (extra or 0.0)) / pixels for total, extra in zip(sums, lost, strict=True)]
    mean, squares = moments[:3], moments[3:]
    return mean, [max(0.0, square - m * m) ** 0.5 for square, m in zip(squares, mean, strict=True)]


MOMENTS = ("red", "green", "blue", "red2", "green2", "blue2")


def _spread(store: Store, column: str) -> Spread:
    values = _percentiles(store, column)
    return Spread(values[0], values[50], values[100]) if values else Spread(0, 0, 0)


def _percentiles(store: Store, what: str) -> tuple[int, ...]:
    """The 0th to the 100th percentile, each a value that occurs."""
    values = numbers(store.db, what)[:, 0]
    if not len(values):
        return ()
    return tuple(int(value) for value in np.quantile(values, np.linspace(0, 1, 101).tolist(), method="inverted_cdf"))


def _histogram(store: Store, what: str) -> Histogram:
    values = numbers(store.db, what)[:, 0]
    if not len(values):
        return Histogram()
    bars, edges = np.histogram(values, BARS)
    return Histogram(tuple(float(f"{edge:.4g}") for edge in edges), tuple(bars.tolist()))


def _table(store: Store) -> tuple[ClassRow, ...]:
    """A row per class and split; medians by SQLite's own sorting."""
    rows = []
    absent = store.absent()
    for split, label, images, faults in store.execute(
        f"SELECT split, label, sum({USABLE}), sum(NOT {USABLE}) FROM image GROUP BY split, label ORDER BY split, label"
    ).fetchall():
        own = f"{USABLE} AND split = ? AND label = ?"
        middle = [
            store.execute(
                f"SELECT {what} FROM image WHERE {own} ORDER BY {what} LIMIT 1 OFFSET ?", (split, label, images // 2)
            ).fetchone()
            for what in ("width", "height", "brightness", "file_bytes")
        ]
        width, height, bright, size = (value[0] if value else 0 for value in middle)
        faults += absent.get((split, label), 0)
        rows.append(ClassRow(split, label, images, faults, width, height, round(bright / 255, 3), size))
    return tuple(rows)


# ---------------------------------------------------------------------- files


def _listed(store: Store, split: str, label: str) -> bool:
    row = store.execute("SELECT 1 FROM entry WHERE split = ? AND label = ? LIMIT 1", (split, label)).fetchone()
    return row is not None


def _files(store: Store, where: str, detail: str = "''", values: tuple[object, ...] = ()) -> Files:
    (count,) = store.execute(f"SELECT count(*) FROM image WHERE {where}", values).fetchone()
    rows = store.execute(
        f"SELECT path, member, {detail} FROM image WHERE {where} ORDER BY id LIMIT ?", (*values, EXAMPLES)
    ).fetchall()
    return Files(
        count,
        tuple(store.name(path, member) for path, member, _ in rows),
        tuple(printable(str(row[2] or "")) for row in rows),
    )


def _files_by(store: Store, column: str, where: str) -> dict[str, Files]:
    kinds = store.execute(f"SELECT {column}, count(*) FROM image WHERE {where} GROUP BY {column} ORDER BY 2 DESC")
    return {
        kind: _files(store, f"{where} AND {column} = ?", "coalesce(detail, '')", (kind,))
        for kind, _ in kinds.fetchall()
    }


def _faults(store: Store) -> dict[str, Files]:
    """Files by kind of fault, including the absent ones that are only counted."""
    found = _files_by(store, "fault", "fault IS NOT NULL")
    if more := sum(store.absent().values()):
        found[UNREADABLE] = replace(found[UNREADABLE], count=found[UNREADABLE].count + more)
    return found


def _named(store: Store, ids: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Files:
    names = []
    for number in ids[:EXAMPLES]:
        names.append(
            store.name(*store.execute("SELECT path, member FROM image WHERE id = ?", (int(number),)).fetchone())
        )
    return Files(len(ids), tuple(names))


def _groups(store: Store, keys: str, having: str) -> Groups:
    grouped_by = f"FROM image WHERE {USABLE} GROUP BY {keys} HAVING {having}"
    sets, files = store.execute(
        f"SELECT count(*), coalesce(sum(n), 0) FROM (SELECT count(*) AS n {grouped_by})"
    ).fetchone()
    examples: list[tuple[str, ...]] = []
    if not sets:
        return Groups()
    for row in store.execute(f"SELECT {keys} {grouped_by} ORDER BY min(id) LIMIT ?", (EXAMPLES,)).fetchall():
        match = " AND ".join(f"{name} = ?" for name in keys.split(", "))
        paths = store.execute(
            f"SELECT path, member FROM image WHERE {USABLE} AND {match} ORDER BY id LIMIT ?", (*row, EXAMPLES)
        )
        examples.append(tuple(store.name(*place) for place in paths))
    return Groups(sets, files, tuple(examples))


def _leaked(store: Store) -> dict[str, int]:
    """Per held-out split, how many of its images are in train too."""
    rows = store.execute(
        f"SELECT split, count(*) FROM image WHERE split IN ('val', 'test') AND {USABLE}"
        f" AND picture IN (SELECT picture FROM image WHERE split = 'train' AND {USABLE}) GROUP BY split"
    )
    return dict(rows.fetchall())


# ---------------------------------------------------------------------- near-duplicates

Place = tuple[str, str, str]  # split, class, name


def _places(store: Store, pairs: list[tuple[int, int]]) -> dict[int, Place]:
    found = {}
    for number in {number for pair in pairs for number in pair}:
        split, label, path, member = store.execute(
            "SELECT split, label, path, member FROM image WHERE id = ?", (number,)
        ).fetchone()
        found[number] = (split, label, store.name(path, member))
    return found


def _parted(one: Place, other: Place) -> bool:
    """Whether one is for training and the other for evaluation."""
    return (one[0] == "train") != (other[0] == "train") and {one[0], other[0]} & {"val", "test"} != set()


def _held(pair: tuple[int, int], places: dict[int, Place]) -> tuple[int, str]:
    number = next(number for number in pair if places[number][0] != "train")
    return number, places[number][0]


def _sets(pairs: list[tuple[int, int]], places: dict[int, Place]) -> Groups:
    sets = grouped(pairs)
    return Groups(
        len(sets),
        sum(map(len, sets)),
        tuple(tuple(places[number][2] for number in one[:EXAMPLES]) for one in sets[:EXAMPLES]),
    )
