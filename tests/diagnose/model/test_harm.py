import pytest
from builders import (
    ERROR,
    INFO,
    WARNING,
    attribution,
    comparison,
    learning_rate,
    probe_run,
    probes,
    worse_by,
)

from diagnose.model import Confidence, Evidence, Finding
from diagnose.model.harm import FACTORS, expected_harm, measured_gain
from diagnose.probing.recipe import FACTORS as MEASURED_FACTORS
from diagnose.registry import load_checks


def finding(code, severity=WARNING, confidence=Confidence.CERTAIN, **measured):
    return Finding(severity, "So it is.", "Fix it.", measured, code=code, confidence=confidence)


def test_without_measurements_severity_and_certainty_count():
    harms = [
        expected_harm(finding("X1", severity, confidence), Evidence())
        for severity in (ERROR, WARNING, INFO)
        for confidence in (Confidence.CERTAIN, Confidence.INDICATED, Confidence.LIKELY, Confidence.NOT_DECIDED)
    ]
    assert harms == sorted(harms, reverse=True)
    assert len(set(harms)) == 12


def test_an_attributed_gain_counts_where_its_interval_excludes_zero():
    evidence = Evidence(
        measured=probes(probe_run(), attribution=attribution(("weights", 0.2, 0.4), ("loss", -0.1, 0.5)))
    )
    assert measured_gain(finding("C301"), evidence) == pytest.approx(0.3)
    assert measured_gain(finding("C307"), evidence) == 0
    assert expected_harm(finding("C301", INFO), evidence) == pytest.approx(0.3)


def test_a_measurement_never_lowers_the_harm():
    evidence = Evidence(measured=probes(probe_run(), attribution=attribution(("weights", 0.01, 0.03))))
    assert expected_harm(finding("C301", ERROR), evidence) == 0.5


def test_a_higher_loss_is_a_share_of_the_right_classs_probability():
    tested = learning_rate(1.0, 0.1, confirmed=worse_by(0.6, 0.786))
    assert measured_gain(finding("C302"), Evidence(measured=probes(learning_rate=tested))) == pytest.approx(
        0.5, abs=0.001
    )
    undecided = learning_rate(1.0, 0.1, confirmed=worse_by(-0.1, 0.5))
    assert measured_gain(finding("C302"), Evidence(measured=probes(learning_rate=undecided))) == 0


def test_the_gap_to_pretrained_weights_and_to_the_reference():
    assert measured_gain(finding("P501"), Evidence(measured=probes(comparison=comparison(0.1, 0.3)))) == pytest.approx(
        0.2
    )
    assert measured_gain(finding("M410", accuracy=0.2, reference=0.9), Evidence()) == pytest.approx(0.7)
    assert measured_gain(finding("D104", accuracy=0.2, reference=0.9), Evidence()) == 0


def test_factors_and_codes_are_those_that_there_are():
    assert set(FACTORS) <= set(MEASURED_FACTORS)
    assert {code for codes in FACTORS.values() for code in codes} <= set(load_checks())
