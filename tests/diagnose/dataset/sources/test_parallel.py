"""Lists of images and of labels that correspond line by line."""

import pytest
from folders import fill, listed

from diagnose.dataset.sources.find import find_source
from diagnose.model import InputError


@pytest.mark.parametrize("below", ["", "data/"])
def test_lines_go_together(tmp_path, below):
    fill(tmp_path, {f"{below}train_img": 6, f"{below}test_img": 4}, 16)
    for split, count in (("train", 6), ("test", 4)):
        (tmp_path / f"{below}{split}_img.txt").write_text("".join(f"{n:03d}.png\n" for n in range(count)))
        (tmp_path / f"{below}{split}_label.txt").write_text("".join(f"{n % 2}\n" for n in range(count)))
    source = find_source(tmp_path)
    assert listed(source) == {"train": {"0": 3, "1": 3}, "test": {"0": 2, "1": 2}}
    assert "parallel-lists" in [note.kind for note in source.notes]


def test_lists_of_other_lengths_do_not(tmp_path):
    fill(tmp_path, {"train_img": 6}, 16)
    (tmp_path / "train_img.txt").write_text("".join(f"{n:03d}.png\n" for n in range(6)))
    (tmp_path / "train_label.txt").write_text("0\n1\n0\n1\n0\n")
    with pytest.raises(InputError):
        find_source(tmp_path)
