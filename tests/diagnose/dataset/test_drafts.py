import os
import subprocess
import sys
import threading
import time

import pytest

from diagnose.dataset import drafts
from diagnose.dataset.drafts import PartialScan, abandoned
from diagnose.dataset.scan import scan
from diagnose.dataset.sources.find import find_source
from diagnose.dataset.store import Store
from diagnose.dataset.summary import summarise


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(drafts, "NEW", -1.0)


@pytest.fixture
def cache(tmp_path):
    folder = tmp_path / "scans"
    folder.mkdir()
    return folder


def left_over(cache):
    return [path.name for path in cache.iterdir() if path.name.startswith(drafts.PREFIX)]


def test_what_another_process_writes_is_not_abandoned(cache):
    draft = PartialScan(cache)
    code = (
        "import sys; from pathlib import Path; from diagnose.dataset import drafts\n"
        "drafts.NEW = -1\nprint(len(list(drafts.abandoned(Path(sys.argv[1])))))"
    )
    seen = [subprocess.run([sys.executable, "-c", code, cache], capture_output=True, text=True, check=True).stdout]
    draft.close(keep=True)
    seen.append(subprocess.run([sys.executable, "-c", code, cache], capture_output=True, text=True, check=True).stdout)
    assert seen == ["0\n", "1\n"]


def test_only_a_few_stay(cache):
    for _ in range(drafts.MOST_ABANDONED + 3):
        PartialScan(cache).close(keep=True)
    for draft in abandoned(cache):
        draft.close(keep=True)
    assert len(left_over(cache)) == drafts.MOST_ABANDONED


def started(root, cache, most):
    """A scan that ends after `most` files, as Ctrl-C would end it."""
    stop = threading.Event()
    with Store(cache) as store:
        for progress in scan(find_source(root), store, stop, workers=1):
            if progress.done >= most:
                stop.set()
        return store.done()[0]


def resumed(root, cache):
    """How many files a complete scan reused from earlier ones, and its evidence."""
    source = find_source(root)
    with Store(cache) as store:
        first, *_ = list(scan(source, store, threading.Event(), workers=1))
        return first.done, summarise(store, source)


def test_a_scan_that_was_cut_short_goes_on(image_folder, cache):
    root = str(image_folder({"cat": 200, "dog": 200}))
    measured = started(root, cache, 128)
    assert 128 <= measured < 400
    before, data = resumed(root, cache)
    assert before == measured
    assert data.images == 400
    assert resumed(root, None)[1] == data


def test_of_files_that_changed_meanwhile_nothing_is_taken_over(image_folder, cache):
    root = image_folder({"cat": 200, "dog": 200})
    started(str(root), cache, 400)
    for path in root.rglob("*.png"):
        os.utime(path, (1, 1))
    assert resumed(str(root), cache)[0] == 0


def test_a_draft_of_another_root_stays_for_that(image_folder, cache, tmp_path):
    one = str(image_folder({"cat": 100, "dog": 100}))
    other = str(image_folder({"cat": 3, "dog": 3}, root=tmp_path / "other"))
    measured = started(one, cache, 64)
    assert resumed(other, cache)[0] == 0
    assert resumed(one, cache)[0] == measured


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.7, 0.99])
def test_a_power_cut_costs_time_alone(image_folder, cache, share):
    root = str(image_folder({"cat": 150, "dog": 150}))
    whole = resumed(root, None)[1]
    started(root, cache, 300)
    for path in cache.rglob("scan.sqlite*"):
        os.truncate(path, int(share * path.stat().st_size))
    assert resumed(root, cache)[1] == whole
    with Store(cache) as store:
        list(scan(find_source(root), store, threading.Event(), workers=1))
        store.keep(summarise(store, find_source(root)), find_source(root))
    for path in cache.glob("*.sqlite"):
        os.truncate(path, int(share * path.stat().st_size))
    assert resumed(root, cache)[1] == whole


def test_a_killed_process_leaves_what_it_measured(image_folder, cache):
    root = str(image_folder({"cat": 700, "dog": 700}))
    code = (
        "import sys, threading\nfrom pathlib import Path\nfrom diagnose.dataset import store as module\n"
        "from diagnose.dataset.scan import scan\nfrom diagnose.dataset.sources.find import find_source\n"
        "module.SAVE_EVERY = 0\n"
        "with module.Store(Path(sys.argv[2])) as store:\n"
        "    for progress in scan(find_source(sys.argv[1]), store, threading.Event(), workers=1):\n"
        "        print(progress.done, flush=True)\n"
        "        if progress.done > 300: sys.stdin.read()\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code, root, cache], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    while int(process.stdout.readline()) <= 300:
        pass
    process.kill()
    process.wait()
    time.sleep(0.2)
    process.stdin.close()
    process.stdout.close()
    before, data = resumed(root, cache)
    assert before >= 300
    assert data.images == 1400
    assert len(left_over(cache)) <= 1


def test_what_a_run_left_that_was_killed_after_its_scan_goes(image_folder, cache):
    source = find_source(str(image_folder({"cat": 3, "dog": 3})))
    with Store(cache) as store:
        list(scan(source, store, threading.Event(), workers=1))
        store.keep(summarise(store, source), source)
    PartialScan(cache).close(keep=True)  # its database has become the kept one
    assert left_over(cache)
    with Store(cache) as store:
        list(scan(source, store, threading.Event(), workers=1))
        assert store.kept is not None
    assert not left_over(cache)
