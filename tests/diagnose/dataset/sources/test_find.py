import shutil

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
        (("train.tgz", "test.tgz"), "test.tgz cannot be read as a tar archive"),
        (("train.zip", "test.zip"), "test.zip cannot be read as a zip archive"),
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


def test_only_regular_files_are_opened(tmp_path):
    import os

    os.mkfifo(tmp_path / "a.csv")
    with pytest.raises(InputError, match="isn't a regular file"):
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


def test_a_column_of_splits_without_a_header_and_paths_in_a_bucket(tmp_path):
    fill(tmp_path, {"flowers": 6}, 16)
    rows = "".join(f"{('TRAIN', 'TEST')[n // 4]},gs://bucket/img/flowers/{n:03d}.png,{'ab'[n % 2]}\n" for n in range(6))
    (tmp_path / "all_data.csv").write_text(rows)
    assert listed(find_source(tmp_path)) == {"train": {"a": 2, "b": 2}, "test": {"a": 1, "b": 1}}


def test_truth_in_a_folder_named_for_its_split(tmp_path):
    for split in ("Training", "Validation"):
        fill(tmp_path, {f"Task_{split}_Input": 4}, 16)
        folder = tmp_path / f"Task_{split}_GroundTruth"
        folder.mkdir()
        rows = "".join(f"{n:03d},{n % 2}.0,{1 - n % 2}.0\n" for n in range(4))
        (folder / f"Task_{split}_GroundTruth.csv").write_text(f"image,MEL,NV\n{rows}")
    one = {"MEL": 2, "NV": 2}
    assert listed(find_source(tmp_path)) == {"train": one, "val": one}


@pytest.mark.parametrize("words", [("entrenamiento", "validación", "prueba"), ("训练集", "验证集", "测试集")])
def test_splits_in_another_language(tmp_path, words):
    fill(tmp_path / "set", {f"{word}/{name}": 2 for word in words for name in ("a", "b")}, 16)
    assert listed(find_source(tmp_path)) == {split: {"a": 2, "b": 2} for split in ("train", "val", "test")}


def test_the_first_word_of_a_prediction_is_the_class(tmp_path):
    fill(tmp_path / "ILSVRC", {"train/n01": 2, "train/n02": 2, "val": 2}, 16)
    (tmp_path / "LOC_val_solution.csv").write_text(
        "ImageId,PredictionString\n000,n02 1 2 3 4 n02 2 3 4 5\n001,n01 1 2 3 4\n"
    )
    assert listed(find_source(tmp_path))["val"] == {"n01": 1, "n02": 1}


def test_the_only_folder_that_can_be_read_is(tmp_path):
    fill(tmp_path / "input/set", {"train_images": 6}, 16)
    rows = "".join(f"{n:03d}.png,{'ab'[n % 2]}\n" for n in range(6))
    (tmp_path / "input/set/train.csv").write_text(f"image,label\n{rows}")
    (tmp_path / "working").mkdir()
    (tmp_path / "working/submission.csv").write_text("image,label\n9.png,a\n")
    source = find_source(tmp_path)
    assert listed(source) == {"train": {"a": 3, "b": 3}}
    assert "inner-folder" in [note.kind for note in source.notes]


def test_folders_of_a_project_beside_the_data(tmp_path):
    fill(tmp_path, {f"data/prepared/{split}/{label}": 2 for split in ("train", "val") for label in ("a", "b")}, 16)
    fill(tmp_path, {"reports": 2}, 16)
    assert listed(find_source(tmp_path)) == {split: {"a": 2, "b": 2} for split in ("train", "val")}


def test_an_archive_in_a_folder_of_its_own(tmp_path):
    fill(tmp_path / "made", {"a": 2, "b": 2}, 16)
    (tmp_path / "given/hw3").mkdir(parents=True)
    shutil.make_archive(str(tmp_path / "given/hw3/data"), "zip", tmp_path / "made")
    assert listed(find_source(tmp_path / "given")) == {"all": {"a": 2, "b": 2}}
