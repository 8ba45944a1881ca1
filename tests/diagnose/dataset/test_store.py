import os
import shutil
import threading

import pytest

from diagnose.dataset.image import Measure
from diagnose.dataset.scan import scan
from diagnose.dataset.sources.find import find_source
from diagnose.dataset.store import Store
from diagnose.dataset.summary import summarise


@pytest.fixture
def measured(monkeypatch):
    """How many files a scan measured."""
    counts = []
    record = Store.record

    def counting(self, ids, measures):
        counts.append(len(ids))
        record(self, ids, measures)

    monkeypatch.setattr(Store, "record", counting)
    return counts


def scanned(root, cache):
    with Store(cache) as store:
        source = find_source(root)
        list(scan(source, store, threading.Event()))
        if store.kept is None:
            store.keep(summarise(store, source), source)
        return store.kept


def test_an_unchanged_set_is_not_measured_again(image_folder, tmp_path, measured):
    root = image_folder({"train/cat": 3, "val/cat": 2})
    first = scanned(root, tmp_path / "cache")
    assert sum(measured) == 5
    assert scanned(root, tmp_path / "cache") == first
    assert sum(measured) == 5


def test_of_a_changed_set_only_what_is_new_is_measured(image_folder, tmp_path, measured):
    root = image_folder({"cat": 3, "dog": 3})
    scanned(root, tmp_path / "cache")
    shutil.copy(root / "cat" / "000.png", root / "dog" / "copy.png")
    os.utime(root / "cat" / "001.png", ns=(1, 1))
    (root / "cat" / "002.png").unlink()
    again = scanned(root, tmp_path / "cache")
    assert sum(measured) == 6 + 2
    assert again.counts == {"all": {"cat": 2, "dog": 4}}
    assert again.conflicts.files == 2
    assert again == scanned(root, None)


def test_what_could_not_be_read_is_tried_again(image_folder, tmp_path, measured):
    root = image_folder({"cat": 2})
    (root / "cat" / "link.png").symlink_to(tmp_path / "later.png")
    assert scanned(root, tmp_path / "cache").fault_count == 1
    shutil.copy(root / "cat" / "000.png", tmp_path / "later.png")
    assert scanned(root, tmp_path / "cache").fault_count == 0


@pytest.mark.parametrize("damage", [b"", b"no database at all", None])
def test_a_damaged_cache_is_written_again(image_folder, tmp_path, damage):
    root = image_folder({"cat": 2})
    first = scanned(root, tmp_path / "cache")
    (file,) = (tmp_path / "cache").glob("*.sqlite")
    file.write_bytes(file.read_bytes()[:5000] if damage is None else damage)
    assert scanned(root, tmp_path / "cache") == first


def test_a_cache_that_cannot_be_written_costs_nothing_else(image_folder, tmp_path):
    (tmp_path / "file").write_text("")
    assert scanned(image_folder({"cat": 2}), tmp_path / "file" / "cache").images == 2


def test_nothing_is_left_behind(image_folder, tmp_path):
    scanned(image_folder({"cat": 2}), tmp_path / "cache")
    assert [path.suffix for path in (tmp_path / "cache").iterdir()] == [".sqlite"]


def test_the_oldest_scans_make_room(image_folder, tmp_path, monkeypatch):
    monkeypatch.setattr("diagnose.dataset.store.MOST_KEPT", 2)
    for number in range(4):
        scanned(image_folder({"cat": 2}, root=tmp_path / f"set {number}"), tmp_path / "cache")
    assert len(list((tmp_path / "cache").iterdir())) == 2


def test_a_path_of_any_kind(image_folder, tmp_path):
    root = image_folder({"cat": 2}, root=tmp_path / "50%?#set")
    cache = tmp_path / "cache?x=1#%41"
    assert scanned(root, cache) == scanned(root, cache)


def test_every_measure_has_a_column():
    with Store() as store:
        columns = {row[1] for row in store.execute("PRAGMA table_info(measure)")}
    assert set(Measure._fields) < columns
