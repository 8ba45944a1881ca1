"""Lists of clips whose frames are in folders."""

import pytest
from folders import fill, listed

from diagnose.dataset.sources.find import find_source

CLASSES = ("Archery", "Diving")


@pytest.fixture
def frames(tmp_path):
    """Two classes of four clips with three frames each."""
    return fill(tmp_path, {f"frames/{c}/v_{c}_g{n:02d}_c01": 3 for c in CLASSES for n in range(4)}, 16)


def test_clips_below_classes_arent_classes(frames):
    assert listed(find_source(frames)) == {"all": {"Archery": 12, "Diving": 12}}


@pytest.mark.parametrize("number", [" {}", ""])
def test_lists_of_videos_split_the_frames(frames, number):
    (frames / "lists").mkdir()
    for split, clips in (("train", range(3)), ("test", [3])):
        lines = [f"{c}/v_{c}_g{n:02d}_c01.avi" + number.format(k) for k, c in enumerate(CLASSES, 1) for n in clips]
        (frames / "lists" / f"{split}list01.txt").write_text("\n".join(lines))
        (frames / "lists" / f"{split}list02.txt").write_text("\n".join(lines))
    source = find_source(frames)
    assert listed(source) == {"train": {"Archery": 9, "Diving": 9}, "test": {"Archery": 3, "Diving": 3}}
    assert "trainlist02.txt" in source.notes[0].said


def test_a_table_of_clips_and_labels(tmp_path):
    fill(tmp_path, {f"frames/clip_{n:03d}": 2 for n in range(6)}, 16)
    rows = [f"clip_{n:03d},{('jump', 'run')[n % 2]},{'train' if n < 4 else 'val'}" for n in range(6)]
    (tmp_path / "labels.csv").write_text("\n".join(["clip,label,split", *rows]))
    assert listed(find_source(tmp_path)) == {"train": {"jump": 4, "run": 4}, "val": {"jump": 2, "run": 2}}


@pytest.mark.parametrize(
    "table", ["id,name\n0,cat\n1,dog", "class,category\ncat,pet\ndog,pet\nfox,wild", "0 cat\n1 dog"]
)
def test_a_table_of_classes_isnt_a_list_of_clips(tmp_path, table):
    fill(tmp_path, {"cat": 3, "dog": 3, "fox": 3}, 16)
    (tmp_path / "labels.csv").write_text(table)
    assert listed(find_source(tmp_path)) == {"all": {"cat": 3, "dog": 3, "fox": 3}}


def test_breeds_that_hold_the_name_of_their_super_class_are_classes(tmp_path):
    fill(tmp_path, {"dog/bulldog": 2, "dog/sheepdog": 2, "cat/bobcat": 2, "cat/wild cat": 2}, 16)
    assert len(listed(find_source(tmp_path))["all"]) == 4
