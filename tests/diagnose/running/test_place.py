import sys

import pytest

from diagnose.model import Location
from diagnose.running import place


def test_the_innermost_line_of_the_persons_own(tmp_path, monkeypatch):
    monkeypatch.setattr(place, "ROOT", str(tmp_path))
    monkeypatch.setattr(place, "START", str(tmp_path))
    program = tmp_path / "train.py"
    program.write_text("def step(ask):\n    return ask()\n")
    names = {}
    exec(compile(program.read_text(), str(program), "exec"), names)
    assert names["step"](lambda: place.here(sys._getframe(1))) == Location("train.py", 2)


def test_libraries_and_what_has_no_file_are_not_the_persons():
    assert not place.of_person("<string>", "/home/me")
    assert not place.of_person("/usr/lib/python3/dist-packages/torch/nn.py", "/home/me")
    assert not place.of_person(place.__file__, "/home/me")


def test_a_cell_of_a_notebook_keeps_its_number(monkeypatch):
    monkeypatch.setattr(place, "START", "/home/me")
    assert place.location("/home/me/book.ipynb cell 4", 2) == Location("book.ipynb", 2, 4)


def test_a_traceback_gives_the_persons_last_line(tmp_path, monkeypatch):
    monkeypatch.setattr(place, "ROOT", str(tmp_path))
    monkeypatch.setattr(place, "START", str(tmp_path))
    code = compile("import json\njson.loads('{')\n", str(tmp_path / "t.py"), "exec")
    with pytest.raises(ValueError) as caught:  # noqa: PT011  json's own
        exec(code, {})
    assert place.of_fault(caught.tb) == Location("t.py", 2)
