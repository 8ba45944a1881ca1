import numpy as np
import pytest
from folders import fill, listed

from diagnose.dataset.sources.find import find_source
from diagnose.model import InputError


def numbered(root, count=12, name="img_{}.png", where="pictures"):
    fill(root, {where: count}, 16)
    for number in range(count):
        (root / where / f"{number:03d}.png").rename(root / where / name.format(number))
    return root / where


def test_each_image_has_the_label_of_its_number_and_not_of_its_place(tmp_path):
    folder = numbered(tmp_path)
    np.save(folder / "labels.npy", np.arange(12) % 3)
    source = find_source(folder)
    by_name = {entry.path.rpartition("/")[2]: entry.label for entry in source.entries() if entry.is_image}
    assert by_name["img_2.png"] == "2"
    assert by_name["img_10.png"] == "1"  # text order would put it third
    assert any("by the number" in str(note) for note in source.notes)


def test_numbers_from_one_and_an_array_beside_the_folder(tmp_path):
    folder = numbered(tmp_path)
    (folder / "img_0.png").rename(folder / "img_12.png")
    np.save(tmp_path / "train_labels.npy", np.arange(12).reshape(-1, 1) // 6)
    (classes,) = listed(find_source(folder)).values()
    assert classes == {"0": 6, "1": 6}


@pytest.mark.parametrize(
    "labels",
    [np.arange(11), np.arange(12), np.zeros(12, int), np.arange(12) / 2, np.array([object()] * 12, dtype=object)],
)
def test_an_array_of_something_else_is_no_list_of_labels(tmp_path, labels):
    folder = numbered(tmp_path)
    np.save(folder / "labels.npy", labels, allow_pickle=True)
    with pytest.raises(InputError, match="no class folders"):
        find_source(folder)


def test_gaps_in_the_numbers_are_no_numbering(tmp_path):
    folder = numbered(tmp_path)
    (folder / "img_3.png").unlink()
    np.save(folder / "labels.npy", np.arange(11) % 2)
    with pytest.raises(InputError, match="no class folders"):
        find_source(folder)
