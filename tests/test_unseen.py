"""Programs by hands that did not know the reader: no sound one is accused of an error.

Their first readings, the figures that count, stand in tests/benchmarks/README.md; these programs were fixed on since.
What is read of them is kept in tests/golden, and held to by test_golden.py.
"""

import pytest
from corpus_reading import MARK
from golden_readings import CORPORA, TESTS, programs, stored

UNSEEN = [corpus for corpus in CORPORA if corpus.startswith("unseen/")]
PROGRAMS = [(corpus, path) for corpus in UNSEEN for path in programs(corpus)]


def is_sound(path, corpus):
    """Whether no line of a program, or of the folder that it has to itself, is marked with a fault."""
    home = path.parent
    whole = home.name == path.stem or (home != TESTS / corpus and len(list(home.glob("*.facts.yaml"))) == 1)
    files = [one for one in home.rglob("*") if one.suffix in (".py", ".yaml")] if whole else [path]
    return not any(MARK in file.read_text() for file in files)


@pytest.mark.parametrize("corpus", UNSEEN)
def test_a_sound_program_is_not_accused_of_an_error(corpus):
    accused = {}
    for name, text in stored(corpus).items():
        errors = [line for line in text.splitlines() if line.startswith("! ") and line.split()[2] == "error"]
        if errors and is_sound(TESTS / corpus / name, corpus):
            accused[name] = errors
    assert accused == {}


def test_there_are_as_many_as_were_measured():
    assert len(PROGRAMS) == 452
