"""The open programs, in real files and without an editor."""

import json

import pytest
from editing import PROGRAM, save

from diagnose.engine import Request
from diagnose.lsp.programs import Programs
from diagnose.model import InputError


def opened(folder, name="train.py", request=None):
    programs = Programs(request or Request(None))
    programs.open(folder / name)
    return programs


def codes(programs):
    return {finding.code for _, finding in programs.findings()}


def test_a_half_written_program_keeps_what_was_found(edited):
    programs = opened(edited)
    before = list(programs.findings())
    assert before
    save(edited / "train.py", f"{PROGRAM}if (\n")
    programs.refresh()
    assert list(programs.findings()) == before


def test_a_program_that_stops_training_has_no_findings(edited):
    programs = opened(edited)
    save(edited / "train.py", "optimizer: sgd\n")
    programs.open(edited / "train.py")
    assert codes(programs) == set()


def test_the_projects_own_command_line_counts_for_its_program_alone(edited):
    options = (
        "import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument('--lr', type=float, default=0.1)\n"
    )
    program = f"{options}{PROGRAM.replace('100.0', 'parser.parse_args().lr')}"
    save(edited / "train.py", program)
    save(edited / "other.py", program)
    request = Request(None, "train.py --lr 100")
    assert "C302" in codes(opened(edited, request=request))
    assert "C302" not in codes(opened(edited, "other.py", request))


def test_only_the_chosen_checks(edited):
    assert codes(opened(edited, request=Request(None, select=("C302",)))) == {"C302"}


def test_a_configuration_is_patched_too(edited):
    save(edited / "c.yaml", "optimizer: sgd\nlearning_rate: 1000\nbatch_size: 32\n")
    programs = opened(edited, "c.yaml")
    (found,) = [finding for _, finding in programs.findings() if finding.code == "C302"]
    (edit,) = programs.edits(found)
    assert edit.after == "optimizer: sgd\nlearning_rate: 0.1\nbatch_size: 32\n"
    assert programs.edits(found) == (edit,)


def test_a_notebook_is_read_and_not_patched(edited):
    cells = [{"cell_type": "code", "source": PROGRAM.splitlines(keepends=True)}]
    save(edited / "train.ipynb", json.dumps({"cells": cells}))
    programs = opened(edited, "train.ipynb")
    (found,) = [finding for _, finding in programs.findings() if finding.code == "C302"]
    assert (found.location.cell, found.location.line) == (1, 7)
    assert programs.edits(found) == ()


def test_settings_that_are_no_command_line_are_refused():
    with pytest.raises(InputError, match="quote it as a shell would"):
        Programs(Request(None, "train.py 'x"))
