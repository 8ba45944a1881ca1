import pytest
from folders import fill, listed

from diagnose.dataset.sources.find import find_source
from diagnose.model import InputError


def test_a_text_file_beside_each_image(tmp_path):
    fill(tmp_path, {"train": 8}, 16)
    for number in range(8):
        (tmp_path / "train" / f"{number:03d}.txt").write_text(f"{'ab'[number % 2]}\n")
    assert listed(find_source(tmp_path)) == {"train": {"a": 4, "b": 4}}


def test_captions_arent_classes(tmp_path):
    fill(tmp_path, {"im": 8}, 16)
    for number in range(8):
        (tmp_path / "im" / f"{number:03d}.txt").write_text(f"a photo of number {number}")
    with pytest.raises(InputError, match="without a class"):
        find_source(tmp_path)
