"""The message for images without classes."""

import json

import pytest
from folders import fill

from diagnose.dataset.sources.find import find_source
from diagnose.model import InputError


def refusal(root):
    with pytest.raises(InputError) as error:
        find_source(root)
    return str(error.value)


def test_annotations_of_another_release(tmp_path):
    fill(tmp_path, {"images": 8}, 16)
    (tmp_path / "labels.json").write_text(json.dumps({f"{n:03d}.png": "ab"[n % 2] for n in range(7, 60)}))
    assert "labels.json is probably of another set: of 53 images that it names 1 are there" in refusal(tmp_path)


def test_tables_in_old_formats(tmp_path):
    fill(tmp_path, {"images": 8}, 16)
    (tmp_path / "labels.xls").write_bytes(b"\xd0\xcf\x11\xe0")
    assert "labels.xls is not read: save it as .xlsx or .csv beside it. Expected root/class" in refusal(tmp_path)


def test_columns_of_which_none_is_called_a_label(tmp_path):
    fill(tmp_path, {"images": 8}, 16)
    rows = [f"{n:03d}.png,{'ab'[n % 2]},{'cd'[n // 4]}" for n in range(8)]
    (tmp_path / "table.csv").write_text("\n".join(["file,shade,form", *rows]))
    assert "the label may be shade or form" in refusal(tmp_path)
