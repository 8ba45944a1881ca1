import numpy as np
import pytest
from folders import listed

from diagnose.dataset.image import measure_all
from diagnose.dataset.sources.find import find_source
from diagnose.model import InputError

RNG = np.random.default_rng(0)
THREE = {"0": 2, "1": 2, "2": 2}


def images(count=6, side=20, colours=(3,)):
    return RNG.integers(0, 255, (count, side, side, *colours)).astype(np.uint8)


def labels(count=6):
    return np.arange(count) % 3


def sound(source):
    found = measure_all([(entry.path, entry.member) for entry in source.entries()])
    return {(one.fault, one.width, one.height) for one in found}


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_arrays_of_an_npz_by_their_names(tmp_path, save):
    save(tmp_path / "a.npz", x_train=images(), y_train=labels(), test_images=images(3), test_labels=labels(3)[:, None])
    source = find_source(tmp_path / "a.npz")
    assert listed(source) == {"train": THREE, "test": {"0": 1, "1": 1, "2": 1}}
    assert sound(source) == {(None, 20, 20)}
    assert listed(find_source(tmp_path)) == listed(source)


def test_one_row_is_the_image_that_was_saved(tmp_path):
    from diagnose.dataset.reading import read

    pixels = images()
    np.savez_compressed(tmp_path / "a.npz", images=pixels, labels=labels())
    entry = list(find_source(tmp_path / "a.npz").entries())[4]
    assert read(entry.path, entry.member).endswith(pixels[4].tobytes())


@pytest.mark.parametrize("given", ["X_train.npy", ""])
def test_arrays_in_files_beside_each_other(tmp_path, given):
    for name, array in (("X_train", images()), ("y_train", labels()), ("X_test", images(3)), ("y_test", labels(3))):
        np.save(tmp_path / f"{name}.npy", array)
    source = find_source(tmp_path / given)
    assert listed(source) == {"train": THREE, "test": {"0": 1, "1": 1, "2": 1}}
    assert sound(source) == {(None, 20, 20)}


def test_matlabs_files_count_images_along_the_last_axis(tmp_path):
    from scipy.io import savemat

    savemat(tmp_path / "train_32x32.mat", {"X": images(side=32).transpose(1, 2, 3, 0), "y": labels()[:, None] + 1})
    source = find_source(tmp_path)
    assert listed(source) == {"train": {"1": 2, "2": 2, "3": 2}}
    assert sound(source) == {(None, 32, 32)}


def test_hdf5_in_two_files_and_in_one(tmp_path):
    h5py = pytest.importorskip("h5py")
    for key, array in (("x", images()), ("y", labels().reshape(6, 1, 1, 1))):
        with h5py.File(tmp_path / f"set_split_valid_{key}.h5", "w") as file:
            file[key] = array
    assert listed(find_source(tmp_path)) == {"val": THREE}
    with h5py.File(tmp_path / "one.h5", "w") as file:
        file["train_set_x"], file["train_set_y"], file["list_classes"] = (
            images(),
            labels(),
            np.array([b"a", b"b", b"c"]),
        )
    source = find_source(tmp_path / "one.h5")
    assert listed(source) == {"train": THREE}
    assert sound(source) == {(None, 20, 20)}


def test_rows_of_zeros_and_ones(tmp_path):
    np.savez(tmp_path / "a.npz", images=images(3), labels=np.eye(3))
    assert listed(find_source(tmp_path / "a.npz")) == {"all": {"0": 1, "1": 1, "2": 1}}
    np.savez(tmp_path / "b.npz", images=images(3), labels=np.array([[1, 1], [0, 1], [0, 0]]))
    source = find_source(tmp_path / "b.npz")
    assert listed(source) == {"all": {"0 + 1": 1, "1": 1, "(no label)": 1}}
    assert source.several


def test_floats_and_channels_in_front(tmp_path):
    np.savez(tmp_path / "a.npz", X=images().transpose(0, 3, 1, 2) / 255, y=labels())
    assert sound(find_source(tmp_path / "a.npz")) == {(None, 20, 20)}


def test_unpaired_arrays_are_named(tmp_path):
    np.savez(tmp_path / "a.npz", images=images(), labels=labels(5))
    with pytest.raises(InputError, match=r"holds images \(6, 20, 20, 3\), labels \(5,\): no array of images"):
        find_source(tmp_path / "a.npz")


def test_objects_are_not_unpickled(tmp_path):
    np.savez(tmp_path / "a.npz", images=images(), labels=np.array([{}] * 6, object))
    with pytest.raises(InputError, match="no array of images"):
        find_source(tmp_path / "a.npz")


def test_a_file_for_each_class(tmp_path):
    for name in ("cat", "dog"):
        np.save(tmp_path / f"{name}.npy", RNG.integers(0, 255, (3, 784)).astype(np.uint8))
    source = find_source(tmp_path)
    assert listed(source) == {"all": {"cat": 3, "dog": 3}}
    assert sound(source) == {(None, 28, 28)}


def test_masks_beside_images_are_left_out(tmp_path):
    h5py = pytest.importorskip("h5py")
    for key, values in {
        "x": np.zeros((4, 8, 8, 3), "u1"),
        "y": np.arange(4) % 2,
        "mask": np.ones((4, 8, 8, 1), "u1"),
    }.items():
        with h5py.File(tmp_path / f"patch_train_{key}.h5", "w") as file:
            file[key] = values
    assert listed(find_source(tmp_path)) == {"train": {"0": 2, "1": 2}}


def test_images_without_as_many_labels_are_named(tmp_path):
    for name, shape in (("X_train", (9, 8, 8, 3)), ("X_test", (4, 8, 8, 3))):
        np.save(tmp_path / f"{name}.npy", np.zeros(shape, np.uint8))
    np.save(tmp_path / "Y_train.npy", np.arange(8) % 2)
    np.save(tmp_path / "Y_test.npy", np.arange(4) % 2)
    (note,) = [note for note in find_source(tmp_path).notes if note.kind == "unpaired"]
    assert "X_train.npy holds 9 images, beside 8 labels" in note.said
