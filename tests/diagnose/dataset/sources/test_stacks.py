"""Stacks of images, an array per class."""

import h5py
import numpy as np
import pytest
from folders import listed

from diagnose.dataset.sources.find import find_source


def save(path, *shape):
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, np.random.default_rng(len(path.name)).integers(0, 255, shape).astype(np.uint8))


@pytest.mark.parametrize(
    ("files", "counts"),
    [({"cat": 5, "dog": 4}, {"all": {"cat": 5, "dog": 4}}),
     ({"train_cat": 5, "train_dog": 4, "test_cat": 2, "test_dog": 1},
      {"train": {"cat": 5, "dog": 4}, "test": {"cat": 2, "dog": 1}}),
     ({"cat-train": 3, "dog-train": 4}, {"train": {"cat": 3, "dog": 4}})],
)  # fmt: skip
def test_a_file_for_each_class(tmp_path, files, counts):
    for name, count in files.items():
        save(tmp_path / f"{name}.npy", count, 12, 12, 3)
    assert listed(find_source(tmp_path)) == counts


@pytest.mark.parametrize("shape", [(12, 12, 3), (3, 12, 12), (12, 12)])
def test_stacks_below_class_folders_are_read_image_by_image(tmp_path, scanned, shape):
    for label in ("cat", "dog"):
        for n in (2, 3):
            save(tmp_path / label / f"blob_{n}.npy", n, *shape)
    data = scanned(tmp_path)
    assert (data.counts, data.faults) == ({"all": {"cat": 5, "dog": 5}}, {})


def test_slides_that_hold_their_classes_are_groups(tmp_path):
    for slide in ("P01_01_A", "P01_02_A", "P02_01_B"):
        for label in ("tumour", "normal"):
            save(tmp_path / "blobs" / slide / label / "b.npy", 2, 12, 12, 3)
    assert listed(find_source(tmp_path)) == {"all": {"tumour": 6, "normal": 6}}


@pytest.mark.parametrize("shape", [(12, 12, 5), (12, 12, 3), (12, 12)])
def test_single_images_stay_single(tmp_path, shape):
    for label in ("cat", "dog"):
        for n in range(3):
            save(tmp_path / label / f"{n}.npy", *shape)
    assert listed(find_source(tmp_path)) == {"all": {"cat": 3, "dog": 3}}


@pytest.mark.parametrize(
    ("keys", "counts"),
    [
        (("cat", "dog"), {"all": {"cat": 3, "dog": 4}}),
        (
            ("train/cat/images", "train/dog/images", "test/cat/images"),
            {"train": {"cat": 3, "dog": 4}, "test": {"cat": 5}},
        ),
    ],
)
@pytest.mark.parametrize("ending", ["npz", "h5"])
def test_an_array_for_each_class_in_one_file(tmp_path, ending, keys, counts):
    arrays = {key: np.zeros((3 + n, 12, 12, 3), np.uint8) for n, key in enumerate(keys)}
    if ending == "npz":
        np.savez(tmp_path / "set.npz", **arrays)
    else:
        with h5py.File(tmp_path / "set.h5", "w") as file:
            for key, array in arrays.items():
                file[key] = array
    assert listed(find_source(tmp_path / f"set.{ending}")) == listed(find_source(tmp_path)) == counts


def test_damaged_arrays_beside_class_folders_do_not_matter(tmp_path, image_folder):
    root = image_folder({"cat": 2, "dog": 2})
    for name in ("a.npz", "b.npz", "weights.h5"):
        (root / name).write_bytes(b"PK no archive")
    assert listed(find_source(root)) == {"all": {"cat": 2, "dog": 2}}


def test_common_first_words_arent_part_of_the_class(tmp_path):
    for name in ("ant", "ice cream"):
        np.save(tmp_path / f"full_numpy_bitmap_{name}.npy", np.zeros((5, 784), np.uint8))
    assert listed(find_source(tmp_path)) == {"all": {"ant": 5, "ice cream": 5}}
