"""Damaged input is a finding or one sentence: the short form of tests/benchmarks/fuzz.py."""

import pytest
from fuzzing import fuzz_pictures, fuzz_texts


def test_no_picture_is_more_than_a_finding():
    outcome = fuzz_pictures(600, seed=1)
    assert outcome.total() == 600
    assert {"sound", "unreadable"} <= set(outcome)


@pytest.mark.parametrize("kind", ["config", "program"])
def test_every_text_is_read_or_refused_in_a_sentence(kind):
    outcome = fuzz_texts(kind, 300, seed=1)
    assert outcome.total() == 300
    assert min(outcome["read"], outcome["refused"]) > 10
