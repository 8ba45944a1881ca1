import pytest
from builders import WARNING, only, ran, silent
from diagnose.checks.r638_optimizer_made_again import CHECK

from diagnose.model import Mistake


def test_a_sound_run_is_silent():
    assert silent(CHECK, ran=ran())
    assert silent(CHECK, ran=ran(mistakes=(Mistake("few steps"),)))


@pytest.mark.parametrize(("kind", "severity"), [("optimizer made again", WARNING)])
def test_each_kind_has_its_severity(kind, severity):
    finding = only(CHECK, ran=ran(mistakes=(Mistake(kind, "as seen"),)))
    assert (finding.severity, finding.subject) == (severity, kind)
    assert "as seen" in finding.summary
