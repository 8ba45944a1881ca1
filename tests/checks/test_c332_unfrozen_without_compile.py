import pytest
from builders import ERROR, WARNING, fact, only, program, silent
from diagnose.checks.c332_unfrozen_without_compile import CHECK

from diagnose.model import TrainableAfterCompile


def test_nothing_changed_after_compile_is_silent():
    assert silent(CHECK, code=program(framework="keras"))


@pytest.mark.parametrize(
    ("value", "fitted", "severity", "word"),
    [
        (True, True, ERROR, "they stay frozen"),
        (False, True, ERROR, "they keep training"),
        (False, False, WARNING, "depends on the version"),
    ],
)
def test_it_is_an_error_once_the_model_was_fitted(value, fitted, severity, word):
    seen = fact(TrainableAfterCompile, value=value, fitted=fitted, compiled=3, fit=9)
    finding = only(CHECK, code=program(framework="keras", seen=(seen,)))
    assert finding.severity is severity
    assert word in finding.summary
    assert "line 9" in finding.summary
