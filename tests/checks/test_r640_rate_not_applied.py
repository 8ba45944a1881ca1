from builders import ERROR, only, ran, silent
from diagnose.checks.r640_rate_not_applied import CHECK

from diagnose.model import Mistake


def test_a_sound_run_is_silent():
    assert silent(CHECK, ran=ran())


def test_a_rate_that_is_written_into_a_copy_is_an_error():
    finding = only(CHECK, ran=ran(mistakes=(Mistake("rate in a copy", "0.1 is written, 0.001 is applied"),)))
    assert finding.severity is ERROR
    assert "0.001 is applied" in finding.summary
