"""Splits of class folders in a list without labels."""

import json

import pytest
from folders import fill, listed

from diagnose.dataset.sources.find import find_source

PATHS = [f"{label}/{n:03d}.png" for label in ("cat", "dog") for n in range(6)]
SPLIT = {"train": {"cat": 4, "dog": 4}, "test": {"cat": 2, "dog": 2}}


@pytest.mark.parametrize("below", ["", "photos/"])
def test_a_table_of_paths_and_splits(tmp_path, below):
    fill(tmp_path, {f"{below}cat": 6, f"{below}dog": 6}, 16)
    rows = [f"{path},{('train', 'test')[int(path[4:7]) > 3]}" for path in PATHS]
    (tmp_path / "splits.csv").write_text("\n".join(["filename,split", *rows]))
    source = find_source(tmp_path)
    assert listed(source) == SPLIT
    assert "listed-splits" in [note.kind for note in source.notes]
    assert len(source.expected()) == 4


def test_lists_of_paths_in_json(tmp_path):
    fill(tmp_path, {"cat": 6, "dog": 6}, 16)
    told = {"train": [path for path in PATHS if int(path[4:7]) < 4], "test": [p for p in PATHS if int(p[4:7]) > 3]}
    (tmp_path / "split.json").write_text(json.dumps(told))
    assert listed(find_source(tmp_path)) == SPLIT


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("split.json", '{"train": ["nowhere/1.png"], "test": ["nowhere/2.png"]}'),
        ("split.json", '{"train": ["cat/000.png"]}'),
        ("set.csv", "path,width\ncat/000.png,16\ndog/000.png,16"),
        ("split.json", "{"),
    ],
)
def test_class_folders_without_splits_stay_whole(tmp_path, name, text):
    fill(tmp_path, {"cat": 6, "dog": 6}, 16)
    (tmp_path / name).write_text(text)
    assert listed(find_source(tmp_path)) == {"all": {"cat": 6, "dog": 6}}


def test_folders_of_splits_go_before_a_list(tmp_path):
    fill(tmp_path, {f"{s}/{c}": 2 for s in ("train", "val") for c in ("cat", "dog")}, 16)
    (tmp_path / "split.json").write_text(json.dumps({"train": ["val/cat/000.png"], "test": ["train/cat/000.png"]}))
    assert listed(find_source(tmp_path)).keys() == {"train", "val"}


def test_images_in_no_split_are_counted(tmp_path):
    fill(tmp_path, {"cat": 6, "dog": 6}, 16)
    (tmp_path / "split.json").write_text(json.dumps({"train": PATHS[:4] + PATHS[6:9], "test": PATHS[4:6]}))
    source = find_source(tmp_path)
    assert listed(source) == {"train": {"cat": 4, "dog": 3}, "test": {"cat": 2}}
    assert any("3 images are in none of the splits of split.json" in note.said for note in source.notes)
