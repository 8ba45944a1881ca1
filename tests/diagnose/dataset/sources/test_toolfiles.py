"""The JSON of annotation tools."""

import json

import pytest
from folders import fill, listed

from diagnose.dataset.sources.find import find_source
from diagnose.dataset.sources.toolfiles import label_studio, tool_rows
from diagnose.model import InputError

NAMES = ["000.png", "001.png"]
LABELS = ["cat", "dog"]
VIA = {f"{name}99": {"filename": name, "size": 99, "regions": [], "file_attributes": {"kind": label}}
       for name, label in zip(NAMES, LABELS, strict=True)}  # fmt: skip
TOOLS = [
    {"_via_settings": {}, "_via_img_metadata": VIA},
    VIA,
    {"assets": {n: {"asset": {"name": name}, "regions": [{"tags": [label]}]}
                for n, (name, label) in enumerate(zip(NAMES, LABELS, strict=True))}},
    {"info": {}, "categories": {"label": {"labels": [{"name": "dog"}, {"name": "cat"}]}},
     "items": [{"id": "000", "annotations": [{"type": "label", "label_id": 1}], "image": {"path": "000.png"}},
               {"id": "001", "annotations": [{"type": "label", "label_id": 0}], "image": {"path": "001.png"}}]},
    {"classes": ["dog", "cat"], "labels": {"000": 1, "001": 0}},
    [{"data_row": {"external_id": name}, "projects": {"p": {"labels": [{"annotations": {
        "objects": [], "classifications": [{"name": "kind", "radio_answer": {"name": label}}]}}]}}}
     for name, label in zip(NAMES, LABELS, strict=True)],
]  # fmt: skip


@pytest.mark.parametrize("content", TOOLS)
def test_each_tools_export(tmp_path, content):
    fill(tmp_path, {"photos": 2}, 16)
    (tmp_path / "export.json").write_text(json.dumps(content))
    assert listed(find_source(tmp_path)) == {"all": {"cat": 1, "dog": 1}}
    assert listed(find_source(tmp_path / "export.json")) == {"all": {"cat": 1, "dog": 1}}


def test_regions_of_the_vgg_annotator_are_boxes():
    region = {"shape_attributes": {}, "region_attributes": {"type": {"cat": True, "dog": False}}}
    assert tool_rows({"a": {"filename": "1.png", "regions": [region]}}) == ([["1.png", "cat"]], True)


def test_a_cancelled_task_of_label_studio_has_no_label():
    done = {"was_cancelled": True, "result": [{"value": {"choices": ["cat"]}}]}
    assert label_studio({"data": {"image": "1.png"}, "annotations": [done]}) is None


def test_label_studios_tasks_of_one_folder_with_its_marks_on_their_names(tmp_path):
    fill(tmp_path, {"media": 6}, 16)
    tasks = [{"data": {"image": f"/data/upload/3/{n:08x}-{n:03d}.png"},
              "annotations": [{"result": [{"value": {"choices": ["ripe" if n % 2 else "raw"]}}]}] if n else []}
             for n in range(6)]  # fmt: skip
    (tmp_path / "project-3-at-2024.json").write_text(json.dumps(tasks))
    assert listed(find_source(tmp_path)) == {"all": {"ripe": 3, "raw": 2}}


def test_label_studios_short_export_by_the_name_of_the_choice(tmp_path):
    fill(tmp_path, {"media": 6}, 16)
    content = [{"image": f"/data/local-files/?d=media/{n:03d}.png", "id": n, "ripeness": ("ripe", "raw")[n % 2],
             "annotator": 1, "lead_time": n + 0.5} for n in range(6)]  # fmt: skip
    (tmp_path / "export.json").write_text(json.dumps(content))
    assert listed(find_source(tmp_path)) == {"all": {"ripe": 3, "raw": 3}}


@pytest.mark.parametrize(
    "content", [{"images": {}, "annotations": 3}, {"assets": {"a": 3}}, {"items": [3], "categories": 1}]
)
def test_a_tools_keys_with_other_values_are_reported(tmp_path, content):
    (tmp_path / "a.json").write_text(json.dumps(content))
    with pytest.raises(InputError, match=r"names no images|not its values"):
        find_source(tmp_path / "a.json")
