"""Structure arrays of MATLAB that list images."""

import numpy as np
import pytest
from folders import fill, listed

from diagnose.dataset.sources.find import find_source

scipy_io = pytest.importorskip("scipy.io")


def save(path, rows, **others):
    kind = [("relative_im_path", object), ("class", object), ("test", object)]
    scipy_io.savemat(path, {"annotations": np.array(rows, kind), **others})


def test_annotations_with_names_of_classes_and_a_flag_of_the_test(tmp_path):
    fill(tmp_path, {"car_ims": 8}, 16)
    save(
        tmp_path / "annos.mat",
        [(f"car_ims/{n:03d}.png", n % 2 + 1, int(n > 5)) for n in range(8)],
        class_names=np.array(["Acura", "BMW"], object),
    )
    source = find_source(tmp_path)
    assert listed(source) == {"train": {"Acura": 3, "BMW": 3}, "test": {"Acura": 1, "BMW": 1}}


def test_other_structures_arent_a_list(tmp_path):
    fill(tmp_path, {"cat": 4, "dog": 4}, 16)
    save(tmp_path / "notes.mat", [(f"nowhere/{n}.png", 1, 0) for n in range(5)])
    assert listed(find_source(tmp_path)) == {"all": {"cat": 4, "dog": 4}}
