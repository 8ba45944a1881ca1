import pytest
from builders import WARNING, interval, only, probes, silent, why_skipped
from diagnose.checks.d118_split_shift import CHECK

from diagnose.model import SplitShift


def shifted(auc, low, high):
    return {"measured": probes(shift=SplitShift(auc, interval(low, high), 640))}


@pytest.mark.parametrize("healthy", [(0.5, 0.46, 0.54), (0.54, 0.48, 0.6), (0.7, 0.6, 0.8)])
def test_splits_that_are_alike_or_hardly_apart_are_silent(healthy):
    assert silent(CHECK, **shifted(*healthy))


def test_splits_that_can_be_told_apart_are_a_warning():
    finding = only(CHECK, **shifted(0.9, 0.86, 0.94))
    assert finding.severity is WARNING
    assert "0.90 [0.86, 0.94]" in finding.summary


def test_a_split_drawn_by_the_probe_itself_is_not_examined():
    assert "no shift" in why_skipped(CHECK, measured=probes())
