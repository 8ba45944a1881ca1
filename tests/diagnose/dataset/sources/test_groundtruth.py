"""Lines of JSON of labelling services."""

import json

import pytest
from folders import fill, listed

from diagnose.dataset.sources.find import find_source
from diagnose.dataset.sources.groundtruth import plain_line

ONE = {"cat": 2, "dog": 2}


def amazons(n, label):
    about = {"class-name": label, "type": "groundtruth/image-classification"}
    return {"source-ref": f"s3://bucket/batch/{n:03d}.png", "kind": n % 2, "kind-metadata": about}


def googles(n, label):
    return {"imageGcsUri": f"gs://bucket/{n:03d}.png", "classificationAnnotation": {"displayName": label}}


@pytest.mark.parametrize("line", [amazons, googles])
@pytest.mark.parametrize("name", ["train.manifest", "train.jsonl"])
def test_addresses_of_images_that_are_here(tmp_path, line, name):
    fill(tmp_path, {"images": 4}, 16)
    (tmp_path / name).write_text("\n".join(json.dumps(line(n, ("cat", "dog")[n % 2])) for n in range(4)))
    assert listed(find_source(tmp_path)) == {"train": ONE}


@pytest.mark.parametrize(
    ("line", "label"),
    [
        ({"source-ref": "s3://b/1.png", "kind": [0, 2], "kind-metadata": {"class-map": {"0": "a", "2": "c"}}}, "a|c"),
        ({"source-ref": "s3://b/1.png", "box": {"annotations": [{"class_id": 1}]},
          "box-metadata": {"class-map": {"1": "b"}}}, "b"),
        ({"source-ref": "s3://b/1.png", "class": 3}, "3"),
        ({"imageGcsUri": "gs://b/1.png", "boundingBoxAnnotations": [{"displayName": "x"}, {"displayName": "x"}]}, "x"),
        ({"source-ref": "s3://b/1.png"}, ""),
    ],
)  # fmt: skip
def test_labels_of_other_kinds(line, label):
    assert plain_line(line)["label"] == label


def test_what_it_is_used_for_is_its_split():
    record = {
        "imageGcsUri": "gs://b/1.png",
        "dataItemResourceLabels": {"aiplatform.googleapis.com/ml_use": "validation"},
    }
    assert plain_line(record)["split"] == "val"


def test_other_lines_stay_as_they_are():
    assert plain_line({"file_name": "1.png", "label": "cat"}) == {"file_name": "1.png", "label": "cat"}
