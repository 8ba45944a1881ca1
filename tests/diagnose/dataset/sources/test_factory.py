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


def test_a_path_isnt_a_factory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert is_factory("package.module:factory")
    assert not is_factory("a/b:c")
    assert not is_factory("C:\\images")
    (tmp_path / "a:b").mkdir()
    assert not is_factory("a:b")


class Items:
    """A map-style Dataset of six images in two classes."""

    classes = ("cat", "dog")

    def __init__(self, item=lambda image, label: (image, label)):
        self.item = item

    def __len__(self):
        return 6

    def __getitem__(self, number):
        from PIL import Image

        return self.item(Image.new("RGB", (20, 20), (40 * number, 0, 0)), number % 2)


class Loader:
    """The interface of a DataLoader."""

    batch_size = 2

    def __init__(self, dataset):
        self.dataset = dataset


@pytest.mark.parametrize(
    "made",
    [Items(), Loader(Items()), Items(lambda image, label: {"image": image, "label": label})],
)
def test_a_dataset_itself_is_a_source(made, scanned):
    assert scanned(made).counts == {"all": {"cat": 3, "dog": 3}}


def test_datasets_by_split(scanned):
    assert scanned({"train": Items(), "valid": Loader(Items())}).counts == {
        "train": {"cat": 3, "dog": 3},
        "val": {"cat": 3, "dog": 3},
    }


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (iter(()), "has no length or no items by number"),
        (Items(lambda image, label: image), "is a Image, not .image, label."),
        (Items(lambda image, label: {"a": image}), "an item holds a, not image and label"),
    ],
)
def test_an_object_without_labelled_images_is_reported(made, says):
    with pytest.raises(InputError, match=says):
        find_source(made)


def test_inspect_takes_a_dataset():
    import diagnose

    result = diagnose.inspect(Items())
    assert result.evidence.data.images == 6
