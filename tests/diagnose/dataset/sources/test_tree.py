from folders import fill, listed

from diagnose.dataset.sources.find import find_source
from diagnose.dataset.sources.source import IMAGE_ENDINGS
from diagnose.dataset.sources.tree import Disk, endings_of, is_image_beginning, named_tree


def test_other_extensions_count_without_a_usual_one(tmp_path):
    fill(tmp_path, {"cat": 2, "dog": 2}, 16)
    assert endings_of(Disk(str(tmp_path))) == IMAGE_ENDINGS
    for file in tmp_path.glob("*/*.png"):
        file.rename(file.with_suffix(".gif"))
    assert listed(find_source(tmp_path)) == {"all": {"cat": 2, "dog": 2}}


def test_files_without_an_ending_count_by_their_beginning(tmp_path):
    fill(tmp_path, {"cat": 2, "dog": 2}, 16)
    for file in tmp_path.glob("*/*.png"):
        file.rename(file.with_suffix(""))
    (tmp_path / "cat" / "notes.txt").write_text("x")
    assert listed(find_source(tmp_path)) == {"all": {"cat": 2, "dog": 2}}


def test_an_archives_names_make_folders():
    tree = named_tree(["./a/b/1.jpg", "a/2.jpg", "3.jpg"])
    assert [node.path for node in tree.folders] == ["a"]
    assert tree.folders[0].folders[0].files == ["1.jpg"]
    assert tree.files == ["3.jpg"]


def test_how_images_begin():
    assert is_image_beginning(b"\xff\xd8\xff\xe0")
    assert is_image_beginning(b"RIFF\0\0\0\0WEBP")
    assert not is_image_beginning(b"RIFF\0\0\0\0WAVE")
