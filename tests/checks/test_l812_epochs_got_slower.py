from builders import INFO, WARNING, history, logged, only, silent
from diagnose.checks.l812_epochs_got_slower import CHECK

from diagnose.model import Mark

SLOWER = [90, *[60] * 6, *[100] * 6]


def test_a_run_that_got_slower():
    finding = only(CHECK, past=history(logged(seconds=SLOWER)))
    assert finding.severity is WARNING
    assert "100 s at the end" in finding.summary


def test_unfreezing_explains_it():
    run = logged(seconds=SLOWER, marks=(Mark("unfreeze", 7, "unfreezing"),))
    assert only(CHECK, past=history(run)).severity is INFO


def test_a_slow_first_epoch_and_single_slow_ones_are_silent():
    assert silent(CHECK, past=history(logged(seconds=[300, *[60] * 12])))
    assert silent(CHECK, past=history(logged(seconds=[60, *[60] * 10, 500, 60])))
