"""HDF5 files with a group per class."""

import numpy as np
import pytest
from folders import listed

from diagnose.dataset.reading import read
from diagnose.dataset.sources.find import find_source
from diagnose.dataset.sources.h5groups import find_groups

h5py = pytest.importorskip("h5py")


def write(path, names, shape=(12, 10, 3)):
    with h5py.File(path, "w") as out:
        for number, name in enumerate(names):
            out[name] = np.full(shape, number, np.uint8)


@pytest.mark.parametrize("given", ["", "pollen.h5"])
def test_groups_are_the_classes(tmp_path, given):
    write(tmp_path / "pollen.h5", [f"{label}/grain_{n}" for label in ("Alnus", "Betula") for n in range(3)])
    source = find_source(tmp_path / given if given else tmp_path)
    assert listed(source) == {"all": {"Alnus": 3, "Betula": 3}}
    entry = list(source.entries())[4]
    assert read(entry.path, entry.member).endswith(bytes([4]) * 360)


def test_groups_of_splits(tmp_path):
    write(tmp_path / "pollen.h5", [f"{s}/{label}/{n}" for s in ("train", "val") for label in "ab" for n in range(2)])
    assert listed(find_source(tmp_path)) == {split: {"a": 2, "b": 2} for split in ("train", "val")}


def test_arrays_that_arent_images_are_left_to_others(tmp_path):
    write(tmp_path / "set.h5", ["a/features", "b/features"], shape=(4, 512, 7))
    assert find_groups(tmp_path / "set.h5") is None
