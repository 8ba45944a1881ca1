from builders import ERROR, INFO, WARNING, history, logged, only, silent, why_skipped
from diagnose.checks.l801_run_diverged import CHECK

NAN = float("nan")


def test_nan_to_the_end():
    finding = only(CHECK, past=history(logged(train_loss=[2.3, 1.9, NAN, NAN, NAN])))
    assert finding.severity is ERROR
    assert "from epoch 3 to the end" in finding.summary


def test_nan_for_a_while_and_in_validation_alone():
    assert only(CHECK, past=history(logged(train_loss=[2.3, NAN, 1.9, 1.5]))).severity is INFO
    assert only(CHECK, past=history(logged(train_loss=[2.3, 2], val_loss=[2.3, NAN]))).severity is WARNING


def test_a_loss_that_ends_far_above_its_beginning():
    finding = only(CHECK, past=history(logged(train_loss=[2.3, 1.2, 0.4, 30, 800, 900, 900])))
    assert finding.severity is ERROR
    assert finding.measured["from"] == 4


def test_a_spike_and_a_restart_are_no_divergence():
    assert silent(CHECK, past=history(logged(train_loss=[2.3, 1.2, 0.4, 50, 0.5, 0.4, 0.3])))
    assert silent(CHECK, past=history(logged(train_loss=[2.3, 1.2, 0.2, 2.0, 1.0, 0.4])))


def test_without_a_log():
    assert "history" in why_skipped(CHECK)


def test_an_accuracy_that_collapses_and_stays_down():
    rises = [0.005 + 0.03 * n for n in range(10)]
    finding = only(CHECK, past=history(logged(val_accuracy=[*rises, *[0.005] * 5])))
    assert finding.severity is ERROR
    assert finding.measured["from"] == 11
    assert silent(CHECK, past=history(logged(val_accuracy=[*rises, 0.005, 0.28, 0.29, 0.3])))


def test_a_validation_loss_that_never_was_a_number_is_another_thing():
    assert silent(CHECK, past=history(logged(train_loss=[2.0, 1.0], val_loss=[NAN, NAN])))
