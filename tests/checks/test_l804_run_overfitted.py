from builders import INFO, WARNING, history, logged, only, silent, wobble
from diagnose.checks.l804_run_overfitted import CHECK

FALLS = [2.0 * 0.85**n for n in range(30)]
TURNS = wobble([1.8 - 0.1 * n for n in range(9)] + [1.0 + 0.05 * n for n in range(21)], 0.02)


def test_validation_rises_while_training_falls():
    finding = only(CHECK, past=history(logged(train_loss=FALLS, val_loss=TURNS)))
    assert finding.severity is WARNING
    assert 8 <= finding.measured["from"] <= 12


def test_a_rise_with_rising_accuracy_and_a_slight_rise_are_mild():
    rises = wobble([0.5 + 0.01 * n for n in range(30)], 0.002)
    run = logged(train_loss=FALLS, val_loss=TURNS, val_accuracy=rises)
    assert only(CHECK, past=history(run)).severity is INFO
    slight = wobble([1.8 - 0.1 * n for n in range(9)] + [1.0 + 0.007 * n for n in range(21)], 0.005)
    assert only(CHECK, past=history(logged(train_loss=FALLS, val_loss=slight))).severity is INFO


def test_noise_is_no_rise():
    noisy = wobble([1.0 + 0.5 * 0.7**n for n in range(30)], 0.3)
    assert silent(CHECK, past=history(logged(train_loss=FALLS, val_loss=noisy)))


def test_by_accuracy_where_no_validation_loss_is_logged():
    falls = wobble([0.5 + 0.03 * n for n in range(10)] + [0.8 - 0.005 * n for n in range(20)], 0.003)
    finding = only(CHECK, past=history(logged(train_loss=FALLS, val_accuracy=falls)))
    assert "accuracy fell" in finding.summary


def test_a_few_epochs_say_nothing():
    assert silent(CHECK, past=history(logged(train_loss=[1, 0.5, 0.2], val_loss=[1, 1.5, 2])))
