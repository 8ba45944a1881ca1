import os

import pytest

from diagnose.dataset.sources.find import find_source
from diagnose.model import InputError, printable


def loose(path, name):
    path.mkdir()
    (path / name).write_bytes(b"")


def folders(layout):
    return [(split, label) for split, label, _ in layout.folders]


def test_class_folders(image_folder):
    assert folders(find_source(image_folder({"cat": 1, "dog": 1}))) == [("all", "cat"), ("all", "dog")]


def test_splits_by_any_of_their_names(image_folder):
    root = image_folder({"training/cat": 1, "valid/cat": 1, "Test/cat": 1})
    assert sorted(folders(find_source(root))) == [("test", "cat"), ("train", "cat"), ("val", "cat")]


def test_a_class_called_test_is_a_class_where_nothing_is_called_train(image_folder):
    assert ("all", "test") in folders(find_source(image_folder({"test": 1, "real": 1})))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: None, "does not exist"),
        (lambda path: path.write_text("x"), "is a file of no known kind"),
        (lambda path: path.mkdir(), "no class folders"),
        (lambda path: loose(path, "cat.jpg"), "images stand in it without a class, such as"),
        (lambda path: loose(path, "notes.doc"), "1 files stand in it, such as notes.doc"),
    ],
)
def test_what_cannot_be_a_dataset_gets_one_sentence(tmp_path, make, says):
    path = tmp_path / "data"
    make(path)
    with pytest.raises(InputError, match=says):
        find_source(path)


def test_lists_subfolders_and_recognises_images_by_extension(image_folder):
    root = image_folder({"cat": 1, "cat/deeper": 1})
    (root / "cat" / "notes.txt").write_text("not for a loader")
    entries = list(find_source(root).entries())
    assert [(os.path.basename(e.path), e.is_image) for e in entries] == [
        ("000.png", True),
        ("000.png", True),
        ("notes.txt", False),
    ]


def test_a_link_to_nothing_is_listed(image_folder):
    root = image_folder({"cat": 1})
    (root / "cat" / "gone.png").symlink_to(root / "nowhere.png")
    assert [entry.size for entry in find_source(root).entries()][1] == -1


def test_a_loop_of_links_ends(image_folder):
    root = image_folder({"cat": 2})
    (root / "cat" / "again").symlink_to(root / "cat")
    assert len(list(find_source(root).entries())) == 2


def test_names_cannot_carry_escapes_to_the_screen():
    assert printable("a\x1b[31m\nb") == "a\\x1b[31m\\nb"
    assert printable(os.fsdecode(b"caf\xe9")) == "caf\\udce9"
    assert printable("naïve 猫") == "naïve 猫"


def test_a_link_to_a_folder_above_is_named_and_not_walked(image_folder, scanned):
    root = image_folder({"cat": 2, "dog": 3})
    (root / "cat" / "up").symlink_to("..")
    (root / "cat" / "all").symlink_to("/")
    data = scanned(root)
    assert data.counts == {"all": {"cat": 2, "dog": 3}}
    assert set(data.faults["unreadable"].examples) == {"cat/all", "cat/up"}


def test_a_folder_with_too_long_a_path_is_named(image_folder, scanned, monkeypatch):
    root = image_folder({"cat": 2, "dog": 2})
    monkeypatch.chdir(root / "cat")
    for _ in range(20):
        os.mkdir("d" * 250)
        os.chdir("d" * 250)
    monkeypatch.chdir(root)
    data = scanned(root)
    assert data.counts == {"all": {"cat": 2, "dog": 2}}
    assert data.faults["unreadable"].details == ("File name too long",)
