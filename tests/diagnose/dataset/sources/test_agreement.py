"""Tables beside class folders: with the same classes, but a few images elsewhere, or with different classes."""

import pytest
from folders import fill, listed

from diagnose.dataset.sources.find import find_source

TWO = {"images/cat": 10, "images/dog": 10}


def table(root, wrong=0, names=("cat", "dog"), head="file,label"):
    rows = [f"images/{place}/{n:03d}.png,{names[k ^ (n < wrong and not k)]}"
            for k, place in enumerate(("cat", "dog")) for n in range(10)]  # fmt: skip
    (root / "labels.csv").write_text("\n".join([head, *rows]))


@pytest.mark.parametrize(
    ("names", "head"),
    [(("cat", "dog"), "file,label"), (("Cat", "DOG"), "file,label"), (("7", "9"), "file,label"),
     (("cat", "dog"), "file,what")],
)  # fmt: skip
def test_images_in_another_class_than_their_folder_are_counted(tmp_path, names, head):
    table(fill(tmp_path, TWO, 16), 2, names, head)
    source = find_source(tmp_path)
    assert listed(source) == {"all": {"cat": 10, "dog": 10}}
    (note,) = [note for note in source.notes if note.kind == "table-disagrees"]
    assert "for 2 of the 20 images (10.0%)" in note.said


@pytest.mark.parametrize(
    ("wrong", "names", "head"),
    [(0, ("cat", "dog"), "file,label"), (0, ("7", "9"), "file,label"), (0, ("pet", "pet"), "file,label"),
     (3, ("sunny", "cloudy"), "file,weather")],
)  # fmt: skip
def test_a_table_that_says_nothing_else_is_silent(tmp_path, wrong, names, head):
    table(fill(tmp_path, TWO, 16), wrong, names, head)
    source = find_source(tmp_path)
    assert listed(source) == {"all": {"cat": 10, "dog": 10}}
    assert all(note.kind == "unwrapped" for note in source.notes)
