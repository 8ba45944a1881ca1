"""Folders that describe images."""

from folders import fill

from diagnose.dataset.sources.beside import described


def test_by_name_and_by_what_they_hold(tmp_path):
    fill(tmp_path, {"images": 2, "labels_old": 0, "crops/a": 1}, 16)
    for name, file in (("dump", "images.csv"), ("src", "train.py"), (".cache", "images.csv"), ("crops", "crops.csv")):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / file).write_text("a,b\n1,2\n")
    assert described(tmp_path) == ["dump", "labels_old", "src"]
