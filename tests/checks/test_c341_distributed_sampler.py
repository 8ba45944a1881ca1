import pytest
from builders import WARNING, only, program, silent
from diagnose.checks.c341_distributed_sampler import CHECK

from diagnose.model import EveryProcessAlike, Location

AT = Location("program.py", 7)


@pytest.mark.parametrize(
    ("what", "words", "rewrites"),
    [("no_sampler", "no DistributedSampler", ()), ("no_epoch", "set_epoch() is never called", ("set-epoch",))],
)
def test_both_are_warnings_at_their_line(what, words, rewrites):
    finding = only(CHECK, code=program(seen=(EveryProcessAlike(AT, what),)))
    assert (finding.severity, finding.location, finding.rewrites) == (WARNING, AT, rewrites)
    assert words in finding.summary


def test_one_process_is_silent():
    assert silent(CHECK, code=program())
