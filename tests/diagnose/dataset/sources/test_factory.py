import pytest

from diagnose.dataset.sources.factory import is_factory
from diagnose.dataset.sources.find import find_source
from diagnose.model import InputError

MODULE = """\
import numpy as np
from PIL import Image

print("a line of one's own")


class Items:
    classes = ["cat", "dog"]

    def __init__(self, make, count=6):
        self.make, self.count = make, count

    def __len__(self):
        return self.count

    def __getitem__(self, number):
        return self.make(np.random.default_rng(number)), number % 2


def whole():
    return Items(lambda rng: Image.fromarray(rng.integers(0, 255, (20, 30, 3)).astype(np.uint8)))


def splits():
    colour, grey = (lambda rng: rng.random((3, 16, 16), dtype=np.float32)), (lambda rng: rng.random((16, 16)))
    return {"train": Items(colour), "valid": Items(grey, 4)}


def normalised():
    return Items(lambda rng: rng.normal(size=(3, 16, 16)))


def wrong():
    return [1, 2, 3]


def broken():
    raise RuntimeError("no data here")


def died():
    import os
    os._exit(3)
"""


@pytest.fixture
def module(tmp_path, monkeypatch):
    (tmp_path / "items.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("module")
def test_pictures_are_scanned(scanned):
    data = scanned("items:whole")
    assert data.counts == {"all": {"cat": 3, "dog": 3}}
    assert (data.width.median, data.height.median) == (30, 20)


@pytest.mark.usefixtures("module")
def test_arrays_and_splits(scanned):
    data = scanned("items:splits")
    assert data.counts == {"train": {"cat": 3, "dog": 3}, "val": {"cat": 2, "dog": 2}}
    assert data.mean[0] == pytest.approx(0.5, abs=0.05)


@pytest.mark.usefixtures("module")
@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("normalised", "not 0..1: leave the normalisation out"),
        ("wrong", "item 0 is a int, not"),
        ("broken", "RuntimeError: no data here"),
        ("died", "ended with 3"),
        ("nowhere", "has no attribute 'nowhere'"),
    ],
)
def test_what_gives_no_pictures_gets_one_sentence(name, says):
    with pytest.raises(InputError, match=says):
        find_source(f"items:{name}")


def test_a_path_is_no_factory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert is_factory("package.module:factory")
    assert not is_factory("a/b:c")
    assert not is_factory("C:\\images")
    (tmp_path / "a:b").mkdir()
    assert not is_factory("a:b")
