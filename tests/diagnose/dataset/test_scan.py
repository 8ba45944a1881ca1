import shutil
import threading

import numpy as np
import pytest
from crashing import measure_or_crash, measure_or_stand_still
from PIL import Image

from diagnose.dataset.scan import scan
from diagnose.dataset.sources.find import find_source
from diagnose.dataset.store import Store
from diagnose.dataset.summary import summarise


def scanned(root, stop=None):
    """The dataset and the last progress of a complete scan."""
    with Store() as store:
        source = find_source(root)
        *_, last = scan(source, store, stop or threading.Event())
        return summarise(store, source), last


def test_counts_statistics_and_sizes(image_folder):
    root = image_folder({"train/cat": 5, "train/dog": 3, "val/cat": 2, "val/dog": 2})
    data, last = scanned(root)
    assert data.counts == {"train": {"cat": 5, "dog": 3}, "val": {"cat": 2, "dog": 2}}
    assert (last.done, last.total, last.faults) == (12, 12, 0)
    pixels = np.concatenate([np.asarray(Image.open(p)).reshape(-1, 3) / 255 for p in root.rglob("*.png")])
    assert data.mean == pytest.approx(tuple(pixels.mean(0)))
    assert data.std == pytest.approx(tuple(pixels.std(0)))
    assert (data.width.low, data.width.median, data.width.high) == (32, 32, 32)
    assert {mode: files.count for mode, files in data.modes.items()} == {"RGB": 12}


def test_faults_are_counted_apart_and_named(image_folder):
    root = image_folder({"cat": 3, "dog": 3})
    (root / "cat" / "empty.jpg").write_bytes(b"")
    (root / "cat" / "notes.txt").write_text("no image")
    data, last = scanned(root)
    assert data.counts["all"] == {"cat": 3, "dog": 3}
    assert data.faults["not-an-image"].examples == ("cat/empty.jpg",)
    assert data.faults["not-an-image"].details == ("the file is empty",)
    assert (last.faults, data.ignored.count, data.files) == (1, 1, 7)


def test_duplicates_leaks_and_conflicts(image_folder):
    root = image_folder({"train/cat": 3, "train/dog": 3, "val/cat": 2, "val/dog": 2})
    shutil.copy(root / "train/cat/000.png", root / "train/cat/copy.png")
    shutil.copy(root / "train/cat/001.png", root / "val/cat/leak.png")
    shutil.copy(root / "train/cat/002.png", root / "train/dog/conflict.png")
    data, _ = scanned(root)
    assert data.duplicates.examples == (("train/cat/000.png", "train/cat/copy.png"),)
    assert data.leaks.examples == (("train/cat/001.png", "val/cat/leak.png"),)
    assert data.leaked_images == {"val": 1}
    assert data.conflicts.examples == (("train/cat/002.png", "train/dog/conflict.png"),)


def test_an_empty_class_folder_is_remembered(image_folder):
    root = image_folder({"cat": 1, "dog": 1})
    (root / "fox").mkdir()
    assert scanned(root)[0].empty_classes == ("all/fox",)


def test_a_stopped_scan_ends_early(image_folder):
    stop = threading.Event()
    stop.set()
    _, last = scanned(image_folder({"cat": 3}), stop)
    assert (last.done, last.total) == (0, 3)


def test_file_names_of_any_kind(image_folder):
    root = image_folder({"cat": 1})
    for name in (b"new\nline.png", b"esc\x1b[31m.png", b"[bold]markup.png", b"caf\xe9.png"):
        shutil.copy(root / "cat" / "000.png", bytes(root / "cat") + b"/" + name)
    data, _ = scanned(root)
    assert data.counts["all"] == {"cat": 5}
    assert all(name.isprintable() for group in data.duplicates.examples for name in group)


def test_a_file_that_crashes_the_decoder_is_named_and_the_rest_measured(image_folder, monkeypatch):
    root = image_folder({"cat": 4})
    shutil.copy(root / "cat" / "000.png", root / "cat" / "crash.png")
    monkeypatch.setattr("diagnose.dataset.image.measure_all", measure_or_crash)
    data, last = scanned(root)
    assert data.faults["unreadable"].examples == ("cat/crash.png",)
    assert (last.done, data.images) == (5, 4)


@pytest.mark.slow
def test_a_file_that_never_ends_is_named_and_the_rest_measured(image_folder, monkeypatch):
    root = image_folder({"cat": 4})
    shutil.copy(root / "cat" / "000.png", root / "cat" / "still.png")
    monkeypatch.setattr("diagnose.dataset.image.measure_all", measure_or_stand_still)
    monkeypatch.setattr("diagnose.dataset.workers.STALLED", 0.5)
    monkeypatch.setattr("diagnose.dataset.workers.LONGEST", 5.0)
    data, last = scanned(root)
    assert data.faults["out-of-bounds"].examples == ("cat/still.png",)
    assert (last.done, data.images) == (5, 4)
