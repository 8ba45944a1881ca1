import json

import pytest
from folders import fill, listed

from diagnose.dataset.sources.find import find_source
from diagnose.model import InputError

CATEGORIES = [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}]


def coco(*labels):
    """The annotations of image n: its labels."""
    return {
        "images": [{"id": n, "file_name": f"{n:03d}.png"} for n in range(len(labels))],
        "annotations": [
            {"image_id": n, "category_id": one, "bbox": [0, 0, 1, 1]} for n, ids in enumerate(labels) for one in ids
        ],
        "categories": CATEGORIES,
    }  # fmt: skip


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_coco_in_a_folder_and_by_itself(tmp_path):
    fill(tmp_path, {"train2017": 3, "val2017": 2}, 16)
    file = write(tmp_path / "annotations" / "instances_train2017.json", coco([1], [2, 2], []))
    write(tmp_path / "annotations" / "instances_val2017.json", coco([1], [2]))
    one = {"cat": 1, "dog": 1}
    assert listed(find_source(file)) == {"all": one}
    assert listed(find_source(tmp_path)) == {"train": one, "val": one}


def test_several_labels_an_image(tmp_path):
    fill(tmp_path, {"images": 2}, 16)
    source = find_source(write(tmp_path / "a.json", coco([1, 2], [1])))
    assert listed(source) == {"all": {"cat + dog": 1, "cat": 1}}
    assert source.several


def test_coco_in_each_split_as_roboflow_writes_it(tmp_path):
    fill(tmp_path, {"train": 2, "valid": 2}, 16)
    for split in ("train", "valid"):
        write(tmp_path / split / "_annotations.coco.json", coco([1], [2]))
    assert listed(find_source(tmp_path)) == {"train": {"cat": 1, "dog": 1}, "val": {"cat": 1, "dog": 1}}


@pytest.mark.parametrize(
    "content",
    [
        [{"file_name": "000.png", "label": "cat"}, {"file_name": "001.png", "label": "dog"}],
        {"000.png": "cat", "001.png": "dog"},
        {"labels": [["im/000.png", "cat"], ["im/001.png", "dog"]]},
        {"data": [{"path": "im/000.png", "class": "cat"}, {"path": "im/001.png", "class": "dog"}]},
        [{"data": {"image": "/data/upload/1/3f2a1b0c-000.png"},
          "annotations": [{"result": [{"value": {"choices": ["cat"]}}]}]},
         {"data": {"image": "/data/upload/1/001.png"}, "annotations": [{"result": [{"value": {"choices": ["dog"]}}]}]}],
        [{"image": "/data/upload/000.png", "id": 1, "choice": "cat"}, {"image": "001.png", "id": 2, "choice": "dog"}],
    ],
)  # fmt: skip
def test_json_of_other_kinds(tmp_path, content):
    fill(tmp_path, {"im": 2}, 16)
    assert listed(find_source(write(tmp_path / "labels.json", content))) == {"all": {"cat": 1, "dog": 1}}


def test_splits_in_json(tmp_path):
    fill(tmp_path, {"im": 2}, 16)
    content = {"train": [["000.png", 0, "cat"]], "test": [["001.png", 1, "dog"]]}
    assert listed(find_source(write(tmp_path / "split.json", content))) == {"train": {"cat": 1}, "test": {"dog": 1}}


def test_cvats_tags(tmp_path):
    fill(tmp_path, {"images": 2}, 16)
    tags = "".join(f'<image name="00{n}.png"><tag label="{label}"/></image>' for n, label in enumerate(("cat", "dog")))
    write(tmp_path / "annotations.xml", f"<annotations>{tags}</annotations>")
    assert listed(find_source(tmp_path)) == {"all": {"cat": 1, "dog": 1}}


def test_yolos_boxes(tmp_path):
    fill(tmp_path, {"images/train": 2, "images/val": 1}, 16)
    for place, text in (
        ("train/000", "0 .5 .5 .1 .1"),
        ("train/001", "1 .5 .5 .1 .1\n1 .2 .2 .1 .1"),
        ("val/000", "0 .5 .5 .1 .1"),
    ):
        write(tmp_path / "labels" / f"{place}.txt", text)
    write(tmp_path / "data.yaml", "names: [cat, dog]")
    assert listed(find_source(tmp_path)) == {"train": {"cat": 1, "dog": 1}, "val": {"cat": 1}}


def test_pascal_vocs_objects(tmp_path):
    fill(tmp_path, {"JPEGImages": 2}, 16)
    for number, label in enumerate(("cat", "dog")):
        xml = f"<annotation><filename>{number:03d}.png</filename><object><name>{label}</name></object></annotation>"
        write(tmp_path / "Annotations" / f"{number:03d}.xml", xml)
    source = find_source(tmp_path)
    assert listed(source) == {"all": {"cat": 1, "dog": 1}}
    assert source.notes[0].kind == "boxes"


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.json", "{", "isn't JSON"),
        ("a.json", '{"a": 1}', "names images that are not there"),
        ("a.json", "[]", "names no images with classes"),
        ("a.xml", "<a>", "isn't XML"),
        ("a.xml", "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "declares entities"),
    ],
)
def test_other_files_than_annotations_are_reported(tmp_path, name, text, says):
    with pytest.raises(InputError, match=says):
        find_source(write(tmp_path / name, text))


def test_coco_in_each_split_below_a_wrapper_goes_before_numbered_pieces(tmp_path):
    (tmp_path / "sample_submission.csv").write_text("id,predicted\n1,2\n")
    for split in ("train", "test"):
        names = [f"{piece}/{n:03d}.png" for piece in ("00", "01") for n in range(2)]
        fill(tmp_path / "set" / split / "images", {"00": 2, "01": 2}, 16)
        content = coco([1], [2], [1], [2])
        for image, name in zip(content["images"], names, strict=True):
            image["file_name"] = f"images/{name}"
        content = content if split == "train" else {"images": content["images"]}
        write(tmp_path / "set" / split / "metadata.json", content)
    assert listed(find_source(tmp_path)) == {"train": {"cat": 2, "dog": 2}}


def test_a_name_that_label_studio_kept_on_disk(tmp_path):
    fill(tmp_path, {"upload/7": 2}, 16)
    tasks = []
    for n, label in enumerate(("cat", "dog")):
        (tmp_path / f"upload/7/{n:03d}.png").rename(tmp_path / f"upload/7/0a1b2c3{n}-{n:03d}.png")
        tasks.append({"data": {"image": f"/data/upload/7/0a1b2c3{n}-{n:03d}.png"},
                      "annotations": [{"result": [{"value": {"choices": [label]}}]}]})  # fmt: skip
    write(tmp_path / "project.json", tasks)
    assert listed(find_source(tmp_path)) == {"all": {"cat": 1, "dog": 1}}


@pytest.mark.parametrize("name", ["{:03d}.png", "{:03d}", "im/{:03d}.png"])
def test_the_images_of_each_class_in_json(tmp_path, name):
    fill(tmp_path, {"im": 6}, 16)
    content = {"cat": [name.format(n) for n in range(4)], "dog": [name.format(n) for n in (4, 5)]}
    assert listed(find_source(write(tmp_path / "classes.json", content))) == {"all": {"cat": 4, "dog": 2}}
    write(tmp_path / "classes.json", {"train": content, "test": {"dog": [name.format(3)]}})
    assert listed(find_source(tmp_path)) == {"train": {"cat": 4, "dog": 2}, "test": {"dog": 1}}


@pytest.mark.parametrize("wrap", [lambda splits: {"version": 4, "splits": splits}, lambda splits: splits])
def test_classes_below_splits_in_yaml(tmp_path, wrap):
    fill(tmp_path, {"captures/house_a": 4, "captures/house_b": 4}, 16)

    def images(label, first):
        return [f"captures/house_{house}/{first + label:03d}.png" for house in "ab"]

    content = {
        split: {"ripe": images(0, first), "raw": images(1, first)} for split, first in (("train", 0), ("val", 2))
    }
    (tmp_path / "labels.yaml").write_text(json.dumps(wrap(content)))  # JSON is YAML
    assert listed(find_source(tmp_path)) == {split: {"ripe": 2, "raw": 2} for split in ("train", "val")}


def test_records_wrapped_in_an_export(tmp_path):
    fill(tmp_path, {"storage/u1": 4, "storage/u2": 4}, 16)
    scans = {f"{place}{n}": {"userId": place, "storagePath": f"storage/{place}/{n:03d}.png", "label": "xy"[n % 2]}
             for place in ("u1", "u2") for n in range(4)}  # fmt: skip
    (tmp_path / "export.json").write_text(json.dumps({"__collections__": {"scans": scans}}))
    assert listed(find_source(tmp_path)) == {"all": {"x": 4, "y": 4}}


def test_the_last_of_several_exports(tmp_path):
    fill(tmp_path, {"media": 8}, 16)
    (tmp_path / "exports").mkdir()
    for count in (4, 8):
        content = [{"data": {"image": f"/data/upload/{n:03d}.png"}, "annotations": [
            {"result": [{"type": "choices", "value": {"choices": ["xy"[n % 2]]}}]}]} for n in range(count)]  # fmt: skip
        (tmp_path / f"exports/project-at-{count}.json").write_text(json.dumps(content))
    assert listed(find_source(tmp_path)) == {"all": {"x": 4, "y": 4}}


def test_names_go_before_objects_of_one_class(tmp_path):
    fill(tmp_path, {"JPEGImages": 8}, 16)
    (tmp_path / "Annotations").mkdir()
    for n, path in enumerate(sorted((tmp_path / "JPEGImages").iterdir())):
        path.rename(path.with_name(name := f"{('waving', 'riding_a_bike')[n % 2]}_{n:03d}.png"))
        person = f"<annotation><filename>{name}</filename><object><name>person</name></object></annotation>"
        (tmp_path / "Annotations" / f"{name[:-4]}.xml").write_text(person)
    assert listed(find_source(tmp_path)) == {"all": {"waving": 4, "riding_a_bike": 4}}
