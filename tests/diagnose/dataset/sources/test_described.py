"""A record per image that names its class."""

import json

import pytest
from folders import fill, listed

from diagnose.dataset.sources.find import find_source
from diagnose.model import InputError

XML = "<Image><MediaId>{n}</MediaId><Species>{label}</Species><Author>me</Author></Image>"


def records(folder, labels, write):
    folder.mkdir(parents=True, exist_ok=True)
    for n, label in enumerate(labels):
        write(folder, n, label)


def as_xml(folder, n, label):
    (folder / f"{n:03d}.xml").write_text(XML.format(n=n, label=label))


def as_json(folder, n, label):
    record = {"description": {"date": "2020", "width": 48}, "annotations": {"crop": "apple", "disease": label}}
    (folder / f"{n:03d}.json").write_text(json.dumps(record))


@pytest.mark.parametrize("write", [as_xml, as_json])
def test_records_beside_the_images(tmp_path, write):
    fill(tmp_path, {"train": 8}, 16)
    records(tmp_path / "train", ["rot", "fine"] * 4, write)
    assert listed(find_source(tmp_path)) == {"train": {"rot": 4, "fine": 4}}


def test_records_in_a_tree_of_their_own(tmp_path):
    for number, split in enumerate(("Training", "Validation")):
        fill(tmp_path / "data" / split / "sources", {f"{split[0]}S_apple": 8}, 16)
        for n in range(8):
            source = tmp_path / "data" / split / "sources" / f"{split[0]}S_apple"
            (source / f"{n:03d}.png").rename(source / f"{number}{n:02d}.png")
        records(tmp_path / "data" / split / "labels" / f"{split[0]}L_apple", [], as_json)
        for n in range(8):
            as_json(tmp_path / "data" / split / "labels" / f"{split[0]}L_apple", 100 * number + n, "ab"[n % 2])
    assert listed(find_source(tmp_path)) == {"train": {"a": 4, "b": 4}, "val": {"a": 4, "b": 4}}


def test_images_without_a_class_in_their_record_are_left_out_with_a_word(tmp_path):
    fill(tmp_path, {"train": 8}, 16)
    records(tmp_path / "train", ["rot", "fine"] * 3 + ["", ""], as_xml)
    source = find_source(tmp_path)
    assert listed(source) == {"train": {"rot": 3, "fine": 3}}
    assert [note.said for note in source.notes if note.kind == "unlabelled"] == [
        "2 images have no class in their records; they were left out."
    ]


@pytest.mark.parametrize("labels", [[f"name {n}" for n in range(8)], ["one"] * 8])
def test_a_field_that_names_no_class(tmp_path, labels):
    fill(tmp_path, {"train": 8}, 16)
    records(tmp_path / "train", labels, as_xml)
    with pytest.raises(InputError, match="holds no class folders"):
        find_source(tmp_path)


def test_damaged_and_hostile_records_say_nothing(tmp_path):
    fill(tmp_path, {"train": 8}, 16)
    records(tmp_path / "train", ["rot", "fine"] * 3, as_xml)
    (tmp_path / "train/006.xml").write_text('<!DOCTYPE a [<!ENTITY b "c">]><a><Species>&b;</Species></a>')
    (tmp_path / "train/007.xml").write_text("<a><Species>rot")
    assert listed(find_source(tmp_path)) == {"train": {"rot": 3, "fine": 3}}


def test_a_mapping_in_yaml(tmp_path):
    fill(tmp_path, {"images": 4}, 16)
    (tmp_path / "annotations.yaml").write_text("".join(f"{n:03d}.png: {'ab'[n % 2]}\n" for n in range(4)))
    assert listed(find_source(tmp_path)) == {"all": {"a": 2, "b": 2}}


def supervisely(folder, n, label):
    tags = [{"name": "ripeness", "value": label, "labelerLogin": "me"}, {"name": "blurred", "value": None}]
    (folder / f"{n:03d}.png.json").write_text(json.dumps({"tags": tags, "objects": [], "size": {"width": 16}}))


def labelme(folder, n, label):
    record = {"flags": {"raw": label == "raw", "ripe": label == "ripe"}, "shapes": [], "imagePath": f"{n:03d}.png"}
    (folder / f"{n:03d}.json").write_text(json.dumps(record | {"imageData": None}))


def test_superviselys_tags_of_a_project(tmp_path):
    for split in ("train", "val"):
        fill(tmp_path / "trees", {f"{split}/img": 4}, 16)
        records(tmp_path / "trees" / split / "ann", ["raw", "ripe"] * 2, supervisely)
    (tmp_path / "trees" / "meta.json").write_text("{}")
    one = {"raw": 2, "ripe": 2}
    assert listed(find_source(tmp_path)) == {"train": one, "val": one}


@pytest.mark.parametrize("places", [["station"], ["station_a", "station_b"]])
def test_labelmes_flags_in_folders_that_arent_classes(tmp_path, places):
    fill(tmp_path, dict.fromkeys(places, 6), 16)
    for place in places:
        records(tmp_path / place, ["raw", "ripe"] * 3, labelme)
    found = listed(find_source(tmp_path))
    assert found == {"all": {"raw": 3 * len(places), "ripe": 3 * len(places)}}


def test_class_folders_with_records_of_the_same_classes_stay_as_they_are(tmp_path):
    fill(tmp_path, {"raw": 4, "ripe": 4}, 16)
    for label in ("raw", "ripe"):
        records(tmp_path / label, [label] * 4, labelme)
    source = find_source(tmp_path)
    assert (listed(source), source.notes) == ({"all": {"raw": 4, "ripe": 4}}, ())
