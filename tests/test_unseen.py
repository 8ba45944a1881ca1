"""Programs by hands that did not know the reader: no sound one is accused of an error, and none breaks the reading.

Their first readings, the figures that count, stand in tests/benchmarks/README.md; these programs were fixed on since.
"""

from pathlib import Path

import pytest
from corpus_reading import MARK, findings, grave, program_of

from diagnose.config.read import read_configuration
from diagnose.model import InputError

PROGRAMS = sorted((Path(__file__).parent / "unseen").rglob("*.facts.yaml"))


@pytest.mark.parametrize("truth", PROGRAMS, ids=lambda truth: f"{truth.parent.name}/{truth.name.split('.')[0]}")
def test_a_sound_program_is_not_accused_of_an_error(truth):
    path = program_of(truth)
    try:
        reading = read_configuration(str(path))
    except InputError as refused:
        pytest.skip(str(refused)[-60:])
    whole = truth.name == "train.facts.yaml" or path.parent.name == path.stem
    files = [one for one in path.parent.rglob("*") if one.suffix in (".py", ".yaml")] if whole else [path]
    if not any(MARK in file.read_text() for file in files):
        assert grave(findings(reading)) == []


def test_there_are_as_many_as_were_measured():
    assert len(PROGRAMS) == 276
