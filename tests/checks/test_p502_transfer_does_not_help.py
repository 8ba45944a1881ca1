from builders import INFO, WARNING, comparison, only, probes, silent
from diagnose.checks.p502_transfer_does_not_help import CHECK


def test_a_gain_is_silent():
    assert silent(CHECK, measured=probes(comparison=comparison(0.1, 0.3)))


def test_no_gain_within_two_points_is_worth_knowing():
    assert only(CHECK, measured=probes(comparison=comparison(-0.015, 0.015))).severity is INFO


def test_a_loss_is_a_warning():
    assert only(CHECK, measured=probes(comparison=comparison(-0.2, -0.1))).severity is WARNING


def test_a_wide_interval_is_undecided():
    assert silent(CHECK, measured=probes(comparison=comparison(-0.1, 0.1)))
