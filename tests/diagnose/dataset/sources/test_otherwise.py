"""Lists that name the classes of images whose folders are sites, batches or parts."""

import pytest
from folders import fill, listed

from diagnose.dataset.sources.find import find_source

SITES = {"photos/north": 4, "photos/south": 4}


def rows(*labels, column="label", path="file"):
    """A table of the images of both sites, with these labels in turn."""
    names = [f"photos/{site}/{n:03d}.png" for site in ("north", "south") for n in range(4)]
    lines = "".join(f"{name},{labels[n % len(labels)]}\n" for n, name in enumerate(names))
    return f"{path},{column}\n{lines}"


@pytest.mark.parametrize("column", ["label", "species", "Klasse"])
def test_a_table_overrides_folders_that_arent_classes(tmp_path, column):
    fill(tmp_path, SITES, 16)
    (tmp_path / "table.csv").write_text(rows("owl", "duck", column=column))
    source = find_source(tmp_path)
    assert listed(source) == {"all": {"owl": 4, "duck": 4}}
    assert "list-over-folders" in [note.kind for note in source.notes]


@pytest.mark.parametrize(
    "table",
    [
        rows("owl", "duck", column="weather"),  # not called a label
        "file,label\n" + "".join(f"photos/{s}/{n:03d}.png,{s[0]}\n" for s in ("north", "south") for n in range(4)),
        "file,label\n" + "".join(f"elsewhere/{n:03d}.jpg,{'ab'[n % 2]}\n" for n in range(8)),
    ],
)
def test_folders_stay_the_classes(tmp_path, table):
    fill(tmp_path, SITES, 16)
    (tmp_path / "table.csv").write_text(table)
    assert listed(find_source(tmp_path)) == {"all": {"north": 4, "south": 4}}


def test_metadata_in_each_split_as_hugging_face_has_it(tmp_path):
    for split in ("train", "validation"):
        fill(tmp_path / "data" / split, {"Idaho": 2, "Ohio": 2}, 16)
        lines = "".join(f"{place}/{n:03d}.png,{['deer', 'boar'][n]}\n" for place in ("Idaho", "Ohio") for n in range(2))
        (tmp_path / "data" / split / "metadata.csv").write_text(f"file_name,label\n{lines}")
    one = {"deer": 2, "boar": 2}
    assert listed(find_source(tmp_path)) == {"train": one, "val": one}


@pytest.mark.parametrize("place", ["", "protocol"])
def test_a_list_in_every_batch(tmp_path, place):
    for batch in ("batch_01", "batch_02"):
        fill(tmp_path / batch, {"images": 4}, 16)
        (tmp_path / batch / place).mkdir(exist_ok=True)
        lines = "".join(f"{n:03d}.png {['ok', 'scratch'][n % 2]}\n" for n in range(4))
        (tmp_path / batch / place / "places.lst").write_text(lines)
    source = find_source(tmp_path)
    assert listed(source) == {"all": {"ok": 4, "scratch": 4}}
    assert "joined-lists" in [note.kind for note in source.notes]


def test_patients_in_folders_whose_findings_a_table_names(tmp_path):
    fill(tmp_path, {f"train/patient{n:05d}/study1": 1 for n in range(8)}, 16)
    lines = [f"CheXpert/train/patient{n:05d}/study1/000.png,{n % 2}.0,{1 - n % 2}.0" for n in range(8)]
    (tmp_path / "train.csv").write_text("\n".join(["Path,Edema,Pneumonia", *lines]))
    assert listed(find_source(tmp_path)) == {"train": {"Edema": 4, "Pneumonia": 4}}


def test_lists_that_number_the_classes_otherwise(tmp_path):
    fill(tmp_path, {"hole": 8, "knot": 8, "stain": 8}, 16)
    numbers = {"train": {"hole": 0, "knot": 1, "stain": 2}, "val": {"knot": 0, "stain": 1}}
    for split, by_class in numbers.items():
        some = range(6) if split == "train" else range(6, 8)
        lines = [f"{name}/{n:03d}.png {number}" for name, number in by_class.items() for n in some]
        (tmp_path / f"{split}.txt").write_text("\n".join(lines))
    notes = {note.kind: note.said for note in find_source(tmp_path).notes}
    assert "knot/ the label 1, and val.txt 0" in notes["lists-disagree"]
