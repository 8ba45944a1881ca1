import pytest
from builders import ERROR, WARNING, fact, only, program, silent
from diagnose.checks.c336_metric_arithmetic import CHECK

from diagnose.model import MetricArithmetic


def test_a_plain_program_is_silent():
    assert silent(CHECK, code=program())


@pytest.mark.parametrize(
    ("how", "counted", "severity"),
    [
        ("means_by_images", False, WARNING),
        ("images_by_batches", False, WARNING),
        ("images_by_batches", True, ERROR),
        ("other_set", True, ERROR),
        ("other_set", False, WARNING),
        ("last_batch", True, WARNING),
    ],
)
def test_a_wrong_accuracy_is_graver_than_a_wrong_loss(how, counted, severity):
    seen = fact(MetricArithmetic, 12, how=how, added_at=10, counted=counted)
    finding = only(CHECK, code=program(seen=(seen,)))
    assert (finding.severity, finding.location.line) == (severity, 12)
    assert "line 10" in finding.summary


def test_means_can_be_divided_by_batches():
    seen = fact(MetricArithmetic, how="means_by_images", added_at=1, counted=False)
    assert only(CHECK, code=program(seen=(seen,))).rewrites == ("divide-by-batches",)
