import numpy as np
import pytest
from PIL import Image

from diagnose.dataset.export import NoPictures, export


class Items(list):
    classes = ("cat", "a/b")


def pixels(shape, kind=np.uint8):
    return np.random.default_rng(0).integers(0, 255, shape).astype(kind)


@pytest.mark.parametrize(
    ("image", "size"),
    [
        (Image.new("L", (5, 4)), (5, 4)), (pixels((4, 5)), (5, 4)), (pixels((4, 5, 3)), (5, 4)),
        (pixels((3, 4, 5)), (5, 4)), (pixels((1, 4, 5)), (5, 4)), (pixels((4, 5, 3)) / 255, (5, 4)),
    ],
)  # fmt: skip
def test_every_shape_of_image(tmp_path, image, size):
    assert export(Items([(image, 0)]), tmp_path) == 1
    with Image.open(tmp_path / "cat" / "0000000.png") as written:
        assert written.size == size


def test_labels_by_name_number_or_array(tmp_path):
    export(Items([(pixels((4, 4)), label) for label in (0, "dog", np.int64(1), np.array(7))]), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["7", "a_b", "cat", "dog"]


def test_of_very_many_some_are_written(tmp_path, monkeypatch):
    monkeypatch.setattr("diagnose.dataset.export.MOST", 10)
    assert export(Items([(pixels((2, 2)), 0)] * 95), tmp_path) == 10


@pytest.mark.parametrize(
    ("item", "says"),
    [(3, "is a int"), ((pixels((2, 2, 2, 2)), 0), "shape"), ((np.full((4, 4), 2.5), 0), "2.5..2.5, not 0..1")],
)
def test_other_files_than_pictures_are_reported(tmp_path, item, says):
    with pytest.raises(NoPictures, match=says):
        export(Items([item]), tmp_path)
