import shutil
import threading

import numpy as np
import pytest
from crashing import measure_or_crash
from PIL import Image

from diagnose.dataset import scan as scan_module
from diagnose.dataset.folder import find_layout
from diagnose.dataset.scan import scan
from diagnose.dataset.store import Store


def scanned(root, stop=None):
    """The dataset and the last progress of a whole scan."""
    with Store() as store:
        *_, last = scan(find_layout(root), store, stop or threading.Event())
        return store.dataset(), last


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
    monkeypatch.setattr(scan_module, "measure_all", measure_or_crash)
    data, last = scanned(root)
    assert data.faults["unreadable"].examples == ("cat/crash.png",)
    assert (last.done, data.images) == (5, 4)


@pytest.fixture
def store(image_folder):
    def filled(counts):
        store = Store()
        list(scan(find_layout(image_folder(counts)), store, threading.Event()))
        store.dataset()
        return store

    return filled


def test_a_sample_keeps_the_proportions_and_holds_out_apart(store):
    with store({"cat": 30, "dog": 10}) as filled:
        sample = filled.sample(15, 5)
    labels = [label for _, label in sample.train]
    assert sample.classes == ("cat", "dog")
    assert (labels.count(0), labels.count(1)) == (11, 4)
    assert not {path for path, _ in sample.train} & {path for path, _ in sample.val}
    assert len(sample.val) == 5


def test_a_sample_uses_the_splits_there_are(store):
    with store({"train/cat": 6, "train/dog": 6, "val/cat": 4, "val/dog": 4}) as filled:
        sample = filled.sample(100, 100)
    assert len(sample.train) == 12
    assert all("/val/" in path for path, _ in sample.val)


def test_a_sample_is_the_same_every_time(store):
    with store({"cat": 30, "dog": 30}) as filled:
        assert filled.sample(10, 4) == filled.sample(10, 4)


def test_what_leaked_is_not_held_out(image_folder):
    root = image_folder({"train/cat": 4, "train/dog": 4, "val/cat": 2, "val/dog": 2})
    shutil.copy(root / "train/cat/001.png", root / "val/cat/leak.png")
    with Store() as store:
        list(scan(find_layout(root), store, threading.Event()))
        store.dataset()
        assert not any(path.endswith("leak.png") for path, _ in store.sample(100, 100).val)
