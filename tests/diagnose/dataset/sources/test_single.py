"""A file per image."""

import h5py
import numpy as np
import pytest
from scipy.io import savemat

from diagnose.dataset.sources.find import find_source
from diagnose.model import InputError


def pixels(n):
    return np.random.default_rng(n).integers(0, 4000, (20, 24)).astype(np.int16)


def hdf5(path, n, label, group=""):
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        file[f"{group}image"] = pixels(n)
        file[f"{group}tumorMask"] = np.zeros((20, 24), np.uint8)
        if label is not None:
            file[f"{group}label"] = np.array([[float(label)]])


def test_matlabs_new_structures_with_labels(tmp_path, scanned):
    for n in range(6):
        hdf5(tmp_path / f"part_{n // 3}" / f"{n}.mat", n, 1 + n % 2, "cjdata/")
    hdf5(tmp_path / "cvind.mat", 0, None)
    data = scanned(tmp_path)
    assert (data.counts["all"]["1"], data.counts["all"]["2"], data.faults) == (3, 3, {})
    assert (data.width.median, data.height.median) == (20, 24)  # MATLAB's own order, turned back


@pytest.mark.parametrize("nested", [True, False])
def test_matlabs_old_files(tmp_path, scanned, nested):
    for n in range(6):
        held = {"img": pixels(n), "class": ("ill", "well")[n % 2], "age": 40 + n}
        savemat(tmp_path / f"{n}.mat", {"case": held} if nested else held)
    data = scanned(tmp_path)
    assert (data.counts, data.faults) == ({"all": {"ill": 3, "well": 3}}, {})


def test_files_of_one_array_in_class_folders(tmp_path, scanned):
    for label in ("ill", "well"):
        for n in range(3):
            (tmp_path / "train" / label).mkdir(parents=True, exist_ok=True)
            np.savez(tmp_path / "train" / label / f"{n}.npz", volume=pixels(n))
    data = scanned(tmp_path)
    assert (data.counts, data.faults) == ({"train": {"ill": 3, "well": 3}}, {})


def test_files_without_label_or_folder_are_refused(tmp_path):
    for n in range(6):
        hdf5(tmp_path / f"{n}.h5", n, None)
    with pytest.raises(InputError):
        find_source(tmp_path)
