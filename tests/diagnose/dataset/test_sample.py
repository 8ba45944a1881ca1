import shutil
import threading

import pytest

from diagnose.dataset.sample import draw
from diagnose.dataset.scan import scan
from diagnose.dataset.sources.find import find_source
from diagnose.dataset.store import Store


@pytest.fixture
def store(image_folder):
    def filled(counts):
        store = Store()
        list(scan(find_source(image_folder(counts)), store, threading.Event()))
        return store

    return filled


def test_a_sample_keeps_the_proportions_and_holds_out_apart(store):
    with store({"cat": 30, "dog": 10}) as filled:
        sample = draw(filled, 15, 5)
    labels = [label for _, label in sample.train]
    assert sample.classes == ("cat", "dog")
    assert (labels.count(0), labels.count(1)) == (11, 4)
    assert not {path for path, _ in sample.train} & {path for path, _ in sample.val}
    assert len(sample.val) == 5


def test_a_sample_uses_the_splits_there_are(store):
    with store({"train/cat": 6, "train/dog": 6, "val/cat": 4, "val/dog": 4}) as filled:
        sample = draw(filled, 100, 100)
    assert len(sample.train) == 12
    assert all("/val/" in path for path, _ in sample.val)


def test_a_sample_is_the_same_every_time(store):
    with store({"cat": 30, "dog": 30}) as filled:
        assert draw(filled, 10, 4) == draw(filled, 10, 4)


def test_what_leaked_is_not_held_out(image_folder):
    root = image_folder({"train/cat": 4, "train/dog": 4, "val/cat": 2, "val/dog": 2})
    shutil.copy(root / "train/cat/001.png", root / "val/cat/leak.png")
    with Store() as store:
        list(scan(find_source(root), store, threading.Event()))
        assert not any(path.endswith("leak.png") for path, _ in draw(store, 100, 100).val)


def test_images_inside_an_archive_are_written_out(image_folder, tmp_path):
    root = image_folder({"train/cat": 4, "train/dog": 4, "val/cat": 2, "val/dog": 2})
    shutil.make_archive(str(tmp_path / "set"), "zip", root)
    with Store() as store, Store() as plain:
        list(scan(find_source(tmp_path / "set.zip"), store, threading.Event()))
        list(scan(find_source(root), plain, threading.Event()))
        packed, loose = draw(store, 100, 100), draw(plain, 100, 100)
        assert packed.fingerprint == loose.fingerprint
        for (copy, _), (path, _) in zip(packed.train, loose.train, strict=True):
            with open(copy, "rb") as one, open(path, "rb") as other:
                assert one.read() == other.read()
