"""Damaged checkpoints, logs and datasets are read, or refused in a sentence: the short form of benchmarks/fuzz.py."""

import pytest
from fuzzing_files import fuzz_checkpoints, fuzz_layouts, fuzz_logs


@pytest.mark.parametrize(("fuzz", "times"), [(fuzz_checkpoints, 300), (fuzz_logs, 120), (fuzz_layouts, 120)])
def test_every_file_is_read_or_refused_in_a_sentence(fuzz, times):
    outcome = fuzz(times, seed=1)
    assert outcome.total() == times
    assert set(outcome) <= {"read", "listed", "refused"}
