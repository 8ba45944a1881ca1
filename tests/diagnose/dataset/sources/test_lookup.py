import os

import pytest
from folders import fill

from diagnose.dataset.sources.lookup import MOST_IN_VAIN, Finder, cleaned


@pytest.mark.parametrize(
    "name",
    ["im/000.png", "im\\000.png", "000.png", "000", "/content/drive/pets/im/000.png", "C:\\pets\\im\\000.png",
     " 000.png", "https://host/bucket/im/000.png?x=1", "/data/local-files/?d=im/000.png", "im/00%30.png", "file:///mnt/im/000.png"],
)  # fmt: skip
def test_names_of_other_machines_are_found(tmp_path, name):
    fill(tmp_path, {"im": 1}, 16)
    found = Finder(tmp_path / "list.csv").find(name)
    assert found is not None
    assert os.path.samefile(found.path, tmp_path / "im" / "000.png")


def test_the_folder_of_the_lists_own_split_goes_first(tmp_path):
    fill(tmp_path, {"test_images": 1, "train_images": 1}, 16)
    assert "train_images" in Finder(tmp_path / "train.csv").find("000.png").path
    assert "test_images" in Finder(tmp_path / "test.csv").find("000.png").path


def test_a_list_beside_its_annotations_looks_above(tmp_path):
    fill(tmp_path, {"im": 1}, 16)
    (tmp_path / "annotations").mkdir()
    assert Finder(tmp_path / "annotations" / "list.csv").find("im/000.png") is not None


def test_the_longest_part_of_a_name_counts(tmp_path):
    fill(tmp_path, {"cat": 1, "dog": 1}, 16)
    assert "/dog/" in Finder(tmp_path / "l.csv").find("/x/dog/000.png").path


def test_what_is_not_there_is_not_searched_for_ever(tmp_path):
    finder = Finder(tmp_path / "l.csv")
    assert all(finder.find(f"{number}") is None for number in range(MOST_IN_VAIN + 5))
    assert finder.find("a\0b") is None
    assert finder.find("") is None


def test_a_folder_isnt_an_image(tmp_path):
    fill(tmp_path, {"12": 1}, 16)
    assert Finder(tmp_path / "l.csv").find("12") is None


def test_addresses_become_paths():
    assert cleaned("http://host/a/b.jpg") == "/a/b.jpg"


def test_a_word_before_the_ending(tmp_path):
    fill(tmp_path, {"im": 2}, 16)
    for path in sorted((tmp_path / "im").iterdir()):
        path.rename(path.with_name(f"{path.stem}_aligned.png"))
    finder = Finder(tmp_path / "list.txt")
    assert [os.path.basename(finder.find(f"00{n}.png").path) for n in (0, 1)] == ["000_aligned.png", "001_aligned.png"]
    assert finder.find("002.png") is None


@pytest.mark.parametrize("name", ["scan_{}.png", "IMG{:04d}.png"])
def test_a_number_finds_the_file_of_that_number(tmp_path, name):
    fill(tmp_path, {"img": 12}, 16)
    for number, file in enumerate(sorted((tmp_path / "img").iterdir()), start=1):
        file.rename(tmp_path / "img" / name.format(number))
    finder = Finder(tmp_path / "labels.csv")
    assert [os.path.basename(finder.find(n).path) for n in ("1", "11", "7")] == [name.format(n) for n in (1, 11, 7)]
    assert finder.find("99") is None


def test_numbers_in_several_series_of_files_stay_unknown(tmp_path):
    fill(tmp_path, {"img": 4}, 16)
    for number, file in enumerate(sorted((tmp_path / "img").iterdir())):
        file.rename(tmp_path / "img" / f"{'ab'[number % 2]}_{number}.png")
    assert Finder(tmp_path / "labels.csv").find("1") is None
