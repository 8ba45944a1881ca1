from dataclasses import replace

import pytest
from builders import INFO, WARNING, dataset, findings, interval, only, probes, silent
from diagnose.checks.d118_split_shift import CHECK

from diagnose.model import MeasuredShift, SplitShift


def shifted(auc, low, high):
    return {"dataset": dataset(), "measured": probes(shift=SplitShift(auc, interval(low, high), 640))}


def measured(attribute, low, train=120.0, held=80.0):
    one = MeasuredShift("val", attribute, low + 0.05, interval(low, low + 0.1), 300, train, held)
    return dataset(shifts=(one,))


@pytest.mark.parametrize("healthy", [(0.5, 0.46, 0.54), (0.54, 0.48, 0.6), (0.7, 0.6, 0.8)])
def test_splits_that_are_alike_or_hardly_apart_are_silent(healthy):
    assert silent(CHECK, **shifted(*healthy))


def test_splits_that_can_be_told_apart_are_a_warning():
    finding = only(CHECK, **shifted(0.9, 0.86, 0.94))
    assert finding.severity is WARNING
    assert "0.90 [0.86, 0.94]" in finding.summary


@pytest.mark.parametrize(("attribute", "low"), [("brightness", 0.7), ("format", 0.2), ("class shares", 0.2)])
def test_numbers_that_are_hardly_apart_are_silent(attribute, low):
    assert silent(CHECK, dataset=measured(attribute, low))


def test_a_number_that_tells_the_splits_apart_is_a_warning():
    finding = only(CHECK, dataset=measured("brightness", 0.8))
    assert finding.severity is WARNING
    assert "brightness (median 120, here 80)" in finding.summary


@pytest.mark.parametrize(("counts", "severity"), [({"cat": 20, "dog": 20}, INFO), ({"cat": 40, "dog": 4}, WARNING)])
def test_shares_of_a_balanced_split_are_often_meant(counts, severity):
    data = replace(
        measured("class shares", 0.4, "cat 90%", "cat 50%"), counts={"train": {"cat": 90, "dog": 10}, "val": counts}
    )
    (finding,) = [one for one in findings(CHECK, dataset=data) if one.subject == "val class shares"]
    assert finding.severity is severity
    assert "cat 90% of the training images, 50% of these" in finding.summary


def test_red_and_blue_that_are_as_they_were_are_silent():
    assert silent(CHECK, dataset=measured("channels", -1.0, "red first", "blue first"))
    assert silent(CHECK, dataset=measured("channels", 0.3, "red first", "blue first"))


def test_red_and_blue_swapped():
    finding = only(CHECK, dataset=measured("channels", 0.8, "red first", "blue first"))
    assert (finding.severity, finding.subject) == (WARNING, "val channels")
    assert "Red and blue look swapped in the val images" in finding.summary


def test_a_kind_that_is_the_commonest_in_both():
    finding = only(CHECK, dataset=measured("bars", 0.3, "none", "none"))
    assert "bars (35% of the images would have to change)" in finding.summary
