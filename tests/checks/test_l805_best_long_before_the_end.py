from builders import INFO, WARNING, history, logged, only, silent, wobble
from diagnose.checks.l805_best_long_before_the_end import CHECK

RISES = [0.5, 0.6, 0.68, 0.73, 0.77, 0.8, 0.82, 0.83]


def test_worse_at_the_end():
    run = logged(val_accuracy=wobble([*RISES, *[0.82 - 0.004 * n for n in range(22)]], 0.002))
    finding = only(CHECK, past=history(run))
    assert finding.severity is WARNING
    assert finding.measured["best_at"] <= 12


def test_a_loss_that_rises_is_worth_knowing():
    run = logged(val_loss=wobble([*[2 - 0.2 * n for n in range(8)], *[0.5 + 0.01 * n for n in range(22)]], 0.001))
    assert only(CHECK, past=history(run)).severity is INFO


def test_as_good_at_the_end_is_silent():
    run = logged(val_loss=wobble([*[2 - 0.2 * n for n in range(8)], *[0.5 + 0.0005 * n for n in range(22)]], 0.001))
    assert silent(CHECK, past=history(run))


def test_rising_to_the_end_is_silent():
    assert silent(CHECK, past=history(logged(val_accuracy=[0.5 + 0.01 * n for n in range(30)])))
