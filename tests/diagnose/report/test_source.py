import json

import pytest

from diagnose.model import Location
from diagnose.report.source import code_line, source_of


def test_a_files_text(tmp_path):
    (tmp_path / "train.py").write_text("lr = 0.1\n")
    assert source_of(Location(str(tmp_path / "train.py"), 1)) == "lr = 0.1\n"


def test_a_notebooks_cell(tmp_path):
    cells = [
        {"cell_type": "code", "source": ["import torch\n"]},
        {"cell_type": "code", "source": ["lr = 1\n", "x = 2\n"]},
    ]
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": cells}))
    assert source_of(Location(str(tmp_path / "a.ipynb"), 1, 2)) == "lr = 1\nx = 2\n"
    assert source_of(Location(str(tmp_path / "a.ipynb"), 1, 9)) is None


@pytest.mark.parametrize("file", [None, b"no json"])
def test_what_cannot_be_read_any_more_is_nothing(tmp_path, file):
    if file is not None:
        (tmp_path / "a.ipynb").write_bytes(file)
    assert source_of(Location(str(tmp_path / "a.ipynb"), 1, 1)) is None


def test_the_line_without_its_indent(tmp_path):
    (tmp_path / "train.py").write_text("if x:\n    lr = 0.1\n\n")
    place = str(tmp_path / "train.py")
    assert code_line(Location(place, 2)) == "lr = 0.1"
    assert code_line(Location(place, 3)) is None
    assert code_line(Location(place, 9)) is None
    assert code_line(Location(place)) is None
    assert code_line(None) is None
