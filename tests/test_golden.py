"""The programs of the corpora read as they did; `python tests/golden_readings.py` writes a change that is meant."""

import pytest
from golden_readings import CORPORA, programs, stored, told

STORED = {corpus: stored(corpus) for corpus in CORPORA}
PROGRAMS = [(corpus, path) for corpus in CORPORA for path in programs(corpus)]


@pytest.mark.parametrize(("corpus", "path"), PROGRAMS, ids=lambda one: getattr(one, "stem", one))
def test_it_reads_as_it_did(corpus, path):
    name = next(name for name in STORED[corpus] if path.match(name))
    assert told(path) == STORED[corpus][name]


def test_no_program_is_forgotten():
    assert sum(map(len, STORED.values())) == len(PROGRAMS)
