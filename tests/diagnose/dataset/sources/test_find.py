import pytest
from folders import fill, listed

from diagnose.dataset.sources.find import find_source
from diagnose.model import InputError


@pytest.mark.parametrize(
    ("name", "file", "says"),
    [
        ("a.doc", b"x", "is a file of no known kind"),
        ("a.zip", b"x", "cannot be read as a zip archive"),
        ("a.tar", b"x", "cannot be read as a tar archive"),
        ("a.csv", b"x,y\n", "has no column path"),
    ],
)
def test_a_file_that_is_no_set_says_what_it_is(tmp_path, name, file, says):
    (tmp_path / name).write_bytes(file)
    with pytest.raises(InputError, match=says):
        find_source(tmp_path / name)


def test_class_folders_go_before_a_manifest_beside_them(image_folder):
    root = image_folder({"cat": 1, "dog": 1})
    (root / "labels.csv").write_text("path,label\nnowhere.png,fox\n")
    assert {label for _, label in find_source(root).expected()} == {"cat", "dog"}


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (("train.zip", "test.zip"), "holds no images but 2 archives .test.zip, train.zip.: unpack them there"),
        (("a.7z",), "holds no images but 1 archive .a.7z.: unpack it there"),
        (("train.p",), "train.p is a pickle, which runs code as it is read"),
    ],
)
def test_what_holds_the_images_still_packed_says_what_to_do(tmp_path, names, says):
    for name in names:
        (tmp_path / name).write_bytes(b"x")
    with pytest.raises(InputError, match=says):
        find_source(tmp_path)


@pytest.mark.parametrize(("name", "says"), [("a.7z", "7z x a.7z"), ("a.pkl", "numpy.savez"), ("a.pt", "numpy.savez")])
def test_files_that_are_not_read_name_the_step(tmp_path, name, says):
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(InputError, match=says):
        find_source(tmp_path / name)


def test_what_is_no_regular_file_is_not_opened(tmp_path):
    import os

    os.mkfifo(tmp_path / "a.csv")
    with pytest.raises(InputError, match="is no regular file"):
        find_source(tmp_path / "a.csv")
    with pytest.raises(InputError, match="no class folders"):
        find_source(tmp_path)


@pytest.mark.parametrize(
    "columns", ["Nr;Dateiname;Klasse;Prüfer", "no;fichier;classe;auteur", "n;archivo;etiqueta;autor"]
)
def test_a_list_below_a_wrapper_in_another_language(tmp_path, columns):
    fill(tmp_path / "Messreihe", {"Bilder": 4}, 16)
    rows = "".join(f"{n};Bilder\\{n:03d}.png;{'Riss' if n % 2 else 'gut'};{'ab'[n // 2]}\r\n" for n in range(4))
    (tmp_path / "Messreihe" / "Auswertung.csv").write_bytes(f"{columns}\r\n{rows}".encode("utf-8-sig"))
    assert listed(find_source(tmp_path)) == {"all": {"Riss": 2, "gut": 2}}


def test_a_list_of_one_split_above_its_folder(tmp_path):
    fill(tmp_path / "set", {"Training/00000": 2, "Training/00001": 2, "Testing/Images": 2}, 16)
    (tmp_path / "set" / "final_test.csv").write_text("Filename;Width;ClassId\n000.png;16;1\n001.png;16;0\n")
    found = listed(find_source(tmp_path))
    assert found["test"] == {"00000": 1, "00001": 1}
    assert sum(found["train"].values()) == 4
