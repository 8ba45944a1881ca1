from folders import fill

from diagnose.preview import here, preview


def test_classes_images_and_splits_are_counted(tmp_path):
    root = fill(tmp_path / "photos", {"train/cat": 3, "train/dog": 2, "val/cat": 1, "val/dog": 1})
    assert preview(str(root)).text == "2 classes, 7 images: 5 train, 2 val."
    assert preview(str(root / "train")).text == "2 classes, 5 images."


def test_what_cannot_be_read_says_why(tmp_path):
    shown = preview(str(tmp_path / "gone"))
    assert not shown.readable
    assert "does not exist" in shown.text
    assert not preview("").readable


def test_code_and_urls_are_left_alone():
    assert "is run when the run starts" in preview("nowhere.at_all:make").text
    assert "fetched when the run starts" in preview("https://example.org/x.tar").text


def test_the_images_and_the_program_of_a_folder(tmp_path):
    assert here(tmp_path) is None
    (tmp_path / "train_net.py").write_text("")
    found = here(tmp_path)
    assert (found.data, found.text) == (None, "train_net.py")
    root = fill(tmp_path / "photos", {"cat": 3, "dog": 2})
    found = here(tmp_path)
    assert found.data == str(root)
    assert found.text == "photos/ (2 classes, 5 images) + train_net.py"
    assert found.config == str(tmp_path / "train_net.py")
