import pytest
from builders import ERROR, WARNING, only, ran, silent
from diagnose.checks.r637_loss_misused import CHECK

from diagnose.model import Mistake


def test_a_sound_run_is_silent():
    assert silent(CHECK, ran=ran())
    assert silent(CHECK, ran=ran(mistakes=(Mistake("few steps"),)))


@pytest.mark.parametrize(
    ("kind", "severity"),
    [("loss maximised", ERROR), ("softmax over the batch", ERROR), ("labels smoothed away", WARNING)],
)
def test_each_kind_has_its_severity(kind, severity):
    finding = only(CHECK, ran=ran(mistakes=(Mistake(kind, "as seen"),)))
    assert (finding.severity, finding.subject) == (severity, kind)
    assert "as seen" in finding.summary
