from builders import INFO, history, logged, only, silent
from diagnose.checks.l819_rate_gone_early import CHECK

FLAT = [0.2, 0.3, 0.35, 0.38, 0.4, *[0.41] * 35]


def ran(gamma, accuracies):
    return history(logged(val_accuracy=accuracies, rate=[0.1 * gamma**epoch for epoch in range(40)]))


def test_a_rate_that_lasts_is_silent():
    assert silent(CHECK, past=ran(0.95, FLAT))


def test_a_rate_that_is_gone_while_the_run_stands_still_is_named():
    finding = only(CHECK, past=ran(0.7, FLAT))
    assert finding.severity is INFO
    assert "of 40" in finding.summary


def test_a_run_that_still_gains_is_silent():
    assert silent(CHECK, past=ran(0.7, [0.2 + 0.01 * epoch for epoch in range(40)]))
