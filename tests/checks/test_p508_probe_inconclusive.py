from builders import INFO, comparison, only, probes, silent
from diagnose.checks.p508_probe_inconclusive import CHECK


def test_a_decided_gap_is_silent():
    assert silent(CHECK, measured=probes(comparison=comparison(0.1, 0.3)))


def test_an_interval_that_holds_zero_says_what_would_settle_it():
    finding = only(CHECK, measured=probes(comparison=comparison(-0.05, 0.15)))
    assert finding.severity is INFO
    assert "about 4 times" in finding.fix


def test_a_gap_known_to_be_negligible_is_decided():
    assert silent(CHECK, measured=probes(comparison=comparison(-0.01, 0.015)))


def test_the_advice_stays_within_reason():
    assert "about 20 times" in only(CHECK, measured=probes(comparison=comparison(-0.3, 0.3))).fix
