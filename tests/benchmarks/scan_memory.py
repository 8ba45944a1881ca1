"""Peak memory and speed of a scan by the number of images: `python tests/benchmarks/scan_memory.py FOLDER`.

FOLDER holds train/ class folders with 60,000 images, such as Fashion-MNIST written out by real_images.py.
Each size is scanned in a fresh process; the peak is that of the parent and of its largest worker.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import threading
import time
from itertools import islice
from pathlib import Path

SIZES = (2_000, 10_000, 60_000)


def scan_and_print(root: str) -> None:
    from diagnose.dataset.scan import scan
    from diagnose.dataset.sources.find import find_source
    from diagnose.dataset.store import Store
    from diagnose.dataset.summary import summarise

    start = time.perf_counter()
    with Store() as store:
        source = find_source(Path(root))
        *_, last = scan(source, store, threading.Event())
        data = summarise(store, source)
    seconds = time.perf_counter() - start
    own, worker = (resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(
        f"{data.images:7,} images  {last.done / seconds:7,.0f} images/s  parent {own:5.1f} MB  worker {worker:5.1f} MB"
    )


def main(folder: Path) -> None:
    for size in SIZES:
        with tempfile.TemporaryDirectory() as draft:
            classes = sorted((folder / "train").iterdir())
            for source in classes:
                target = Path(draft) / source.name
                target.mkdir()
                for path in islice(sorted(source.iterdir()), size // len(classes)):
                    (target / path.name).symlink_to(path.absolute())
            subprocess.run([sys.executable, __file__, "--one", draft], check=True)


if __name__ == "__main__":
    if sys.argv[1] == "--one":
        scan_and_print(sys.argv[2])
    else:
        main(Path(sys.argv[1]))
