"""The scan: worker processes measure every file of a source, and the results are streamed into a store."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from diagnose.dataset.measure import LONGEST, OUT_OF_BOUNDS, UNREADABLE, Measure
from diagnose.dataset.sources.source import Source
from diagnose.dataset.store import Store
from diagnose.events import ScanProgress

if TYPE_CHECKING:
    from diagnose.dataset.cluster import ClusterWorkers

CHUNK = 64  # files per message: the pipe's cost is negligible, and cancelling is still immediate
SMALL_CHUNK = 8  # of full decodes, so that the last ones are spread over the workers
SAMPLED = 100  # reduced images that are also decoded in full: the deviation is then off by 0.0015 at most (p95)
SAMPLED_PIXELS, MOST_SAMPLED = (
    20_000_000,
    1_000,
)  # of smaller images, as many as take no longer than those, up to 1,000

CRASHED = Measure(UNREADABLE, "the image decoder crashed on this file")
SLOW = Measure(OUT_OF_BOUNDS, f"decoding it takes longer than {LONGEST:.0f} s")


def scan(
    source: Source,
    store: Store,
    stop: threading.Event,
    workers: int | None = None,
    elsewhere: ClusterWorkers | None = None,
) -> Iterator[ScanProgress]:
    """Measure the source's files into `store`, yielding progress; return early once `stop` is set.

    elsewhere: a cluster, used instead of local processes.
    """
    total = store.begin(source) if store.knows(source) else None
    if total is not None and store.kept is not None:
        yield ScanProgress(total, total, store.kept.fault_count)
        return
    from diagnose.dataset.workers import Workers  # not needed for an unchanged folder

    with elsewhere or Workers(workers or os.cpu_count() or 1, stop) as pool:
        if total is None:
            pool.start()  # the workers import their modules while the files are listed
            total = store.begin(source)
        from diagnose.dataset.image import look_closer_at_all, measure_all

        done, faults = store.done()
        yield ScanProgress(done, total, faults)
        for ids, measures in pool.each(store.unmeasured(CHUNK), measure_all, CRASHED, SLOW):
            store.record(ids, measures)
            done += len(ids)
            faults += sum(m.fault is not None for m in measures)
            yield ScanProgress(done, total, faults)
        if not stop.is_set():
            again = store.of(_worth_a_second_look(store), SMALL_CHUNK)
            for ids, closer in pool.each(again, look_closer_at_all, None, None):
                store.record_closer(ids, closer)
                yield ScanProgress(done, total, faults)


def _worth_a_second_look(store: Store) -> list[int]:
    """Images that were decoded at a fraction and need a full decode too: a sample that shows what the fraction loses,
    those that may be copies of each other, and those that may be blurred."""
    from diagnose.dataset.outliers import suspects
    from diagnose.dataset.table import USABLE

    reduced = f"{USABLE} AND scale > 1"
    (have,) = store.execute("SELECT count(*) FROM measure WHERE sampled").fetchone()
    (area,) = store.execute(f"SELECT avg(1.0 * width * height) FROM image WHERE {reduced}").fetchone()
    wanted = max(SAMPLED, min(MOST_SAMPLED, int(SAMPLED_PIXELS / (area or SAMPLED_PIXELS))))
    store.execute(
        f"UPDATE measure SET sampled = 1 WHERE id IN"
        f" (SELECT id FROM image WHERE {reduced} AND sampled IS NULL ORDER BY file LIMIT ?)",
        (max(0, wanted - have),),
    )
    twins = (
        f"SELECT id FROM image WHERE {reduced} AND full_red IS NULL AND reduced IN"
        f" (SELECT reduced FROM image WHERE {reduced} GROUP BY reduced HAVING count(DISTINCT file) > 1)"
    )
    sample = "SELECT id FROM image WHERE sampled AND full_red IS NULL"
    chosen = {row[0] for query in (sample, twins) for row in store.execute(query)}
    return sorted(chosen.union(suspects(store.db)))
