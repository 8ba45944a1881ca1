"""Labels line by line."""

import pytest
from folders import fill, listed

from diagnose.dataset.sources.bylines import labels_by_line
from diagnose.dataset.sources.find import find_source

SYNSETS = "1 n01 tench\n2 n02 cock\n"


@pytest.mark.parametrize(("lines", "table"), [("1\n2\n2\n1\n", SYNSETS), ("n01\nn02\nn02\nn01", "")])
def test_a_flat_split_with_the_devkits_lines(tmp_path, lines, table):
    fill(tmp_path, {"train/n01": 2, "train/n02": 2, "val": 4}, 16)
    (tmp_path / "devkit" / "data").mkdir(parents=True)
    (tmp_path / "devkit" / "data" / "validation_ground_truth.txt").write_text(lines)
    (tmp_path / "devkit" / "data" / "synsets.txt").write_text(table)
    one = {"n01": 2, "n02": 2}
    assert listed(find_source(tmp_path)) == {"train": one, "val": one}


@pytest.mark.parametrize("text", ["1\n2\n2\n", "1\n2\n2\n3\n", "1 2\n2 1\n1 1\n2 2\n", "a\nb\nc\nd\n"])
def test_lines_that_arent_labels_of_these_images(tmp_path, text):
    (tmp_path / "val_labels.txt").write_text(text)
    (tmp_path / "synsets.txt").write_text(SYNSETS)
    assert labels_by_line(tmp_path, 4, "val", {"n01", "n02"}) is None


def test_lines_of_another_split(tmp_path):
    (tmp_path / "test_labels.txt").write_text("n01\nn02\nn02\nn01\n")
    assert labels_by_line(tmp_path, 4, "val", {"n01", "n02"}) is None
