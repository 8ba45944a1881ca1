from builders import WARNING, fact, only, program, silent
from diagnose.checks.c323_accumulating_graph import CHECK

from diagnose.model import GraphKept


def test_numbers_are_silent():
    assert silent(CHECK, code=program())


def test_a_kept_loss_is_a_warning_at_its_line():
    finding = only(CHECK, code=program(seen=(fact(GraphKept, 12, into="total", how="add"),)))
    assert (finding.severity, finding.location.line) == (WARNING, 12)
    assert "total" in finding.summary
