"""A program's text: files and notebooks, with their comments, lines and what was left out."""

import json

import pytest

from diagnose.interpreter.source import LARGEST, read_source
from diagnose.model import InputError


def notebook(path, *cells, **more):
    path.write_text(json.dumps({"cells": [{"cell_type": "code", "source": cell} for cell in cells], **more}))
    return path


def test_comments_know_their_lines(tmp_path):
    path = tmp_path / "a.py"
    path.write_text("x = 1  # first\n\n## second\n")
    source = read_source(path, "a.py", comments=True)
    assert [(text, at.line) for text, at in source.comments] == [("first", 1), ("second", 3)]
    assert read_source(path, "a.py").comments == []


def test_a_declared_encoding_and_a_mark_of_order_are_understood(tmp_path):
    path = tmp_path / "a.py"
    path.write_bytes("# -*- coding: latin-1 -*-\nx = 'é'\r\n".encode("latin-1"))
    assert len(read_source(path, "a.py").parts) == 1
    path.write_bytes(b"\xef\xbb\xbfx = 1\n")
    assert len(read_source(path, "a.py").parts) == 1


@pytest.mark.parametrize("text", [b"# -*- coding: klingon -*-\nx = 1\n", b"x = '\xe9'\n"])
def test_what_is_not_in_its_encoding_is_said_so(tmp_path, text):
    path = tmp_path / "a.py"
    path.write_bytes(text)
    with pytest.raises(InputError, match="not text"):
        read_source(path, "a.py")


def test_a_file_that_is_missing_a_folder_or_too_large_is_one_sentence(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        read_source(tmp_path / "a.py", "a.py")
    with pytest.raises(InputError, match="is a folder"):
        read_source(tmp_path, "a.py")
    path = tmp_path / "large.py"
    path.write_bytes(b"#" * (LARGEST + 1))
    with pytest.raises(InputError, match="bytes"):
        read_source(path, "large.py")


def test_a_notebook_is_a_part_for_each_cell_of_python(tmp_path):
    path = notebook(tmp_path / "a.ipynb", "x = 1\n", ["y = 2\n", "z = 3\n"], "%%bash\nls\n", "%%time\nw = 4\n")
    assert [cell for _, cell in read_source(path, "a.ipynb").parts] == [1, 2, 4]


def test_cells_of_text_count_but_are_not_read(tmp_path):
    path = tmp_path / "a.ipynb"
    cells = [{"cell_type": "markdown", "source": "# head"}, {"cell_type": "code", "source": "x = 1"}]
    path.write_text(json.dumps({"cells": cells}))
    assert [cell for _, cell in read_source(path, "a.ipynb").parts] == [2]


def test_an_old_notebooks_worksheets_are_read(tmp_path):
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps({"worksheets": [{"cells": [{"cell_type": "code", "input": "x = 1"}]}]}))
    assert len(read_source(path, "a.ipynb").parts) == 1


@pytest.mark.parametrize("line", ["%matplotlib inline", "!pip install x", "x?", "?x", "files = !ls", "t = %time f()"])
def test_magics_and_shell_lines_are_passed_over(tmp_path, line):
    path = notebook(tmp_path / "a.ipynb", f"if 1:\n    {line}\n    y = 2\n")
    assert len(read_source(path, "a.ipynb").parts) == 1


def test_a_cell_that_is_no_python_is_left_out_with_a_note(tmp_path):
    source = read_source(notebook(tmp_path / "a.ipynb", "x = (", "y = 1"), "a.ipynb")
    assert [cell for _, cell in source.parts] == [2]
    assert "cell 1" in source.notes[0]


def test_a_notebook_without_any_python_is_refused(tmp_path):
    with pytest.raises(InputError, match="no cell of readable Python"):
        read_source(notebook(tmp_path / "a.ipynb", "%%bash\nls\n"), "a.ipynb")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def f(:\n", ":1: not valid Python"),
        ("x = 1\0", "not valid"),
    ],
)
def test_what_is_no_python_says_so_with_its_place(tmp_path, text, said):
    path = tmp_path / "a.py"
    path.write_text(text)
    with pytest.raises(InputError, match=said):
        read_source(path, "a.py")
