"""Small copies of a class's images, below it or beside them."""

import pytest
from folders import fill

from diagnose.dataset.sources.find import find_source

CLASSES = {"cat": 4, "dog": 4}


def kinds(root):
    return [note.kind for note in find_source(root).notes]


@pytest.mark.parametrize("name", ["thumbs", "small", ".thumbnails", "preview", "128x128", "thumbs_256px", "resized"])
def test_a_folder_of_copies_in_every_class(tmp_path, name):
    fill(tmp_path, CLASSES | {f"{label}/{name}": 4 for label in CLASSES}, 16)
    assert kinds(tmp_path) == ["previews"]


@pytest.mark.parametrize("name", ["{}_thumb.png", "thumb_{}.png", "{}-small.png"])
def test_copies_beside_the_images(tmp_path, name):
    for file in sorted(fill(tmp_path, CLASSES, 16).rglob("*.png")):
        (file.parent / name.format(file.stem)).write_bytes(file.read_bytes())
    assert kinds(tmp_path) == ["previews"]


@pytest.mark.parametrize("name", ["2019", "kittens", "close_up", "camera_2", "left"])
def test_folders_of_other_images_arent_copies(tmp_path, name):
    fill(tmp_path, CLASSES | {f"{label}/{name}": 4 for label in CLASSES}, 16)
    assert kinds(tmp_path) == []


def test_classes_called_small_and_large_are_classes(tmp_path):
    assert kinds(fill(tmp_path, {"small": 4, "large": 4}, 16)) == []
