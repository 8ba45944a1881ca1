from builders import INFO, history, logged, only, silent, wobble
from diagnose.checks.l807_rate_never_decayed import CHECK

FLAT = wobble([1.0 + 1.3 * 0.5**n for n in range(24)], 0.01)


def test_a_constant_rate_and_a_plateau():
    finding = only(CHECK, past=history(logged(train_loss=FLAT, val_loss=FLAT, rate=[0.1] * 24)))
    assert finding.severity is INFO
    assert "stays at 0.1" in finding.summary


def test_without_a_logged_rate():
    assert only(CHECK, past=history(logged(val_accuracy=wobble([0.66 - 0.5 * 0.6**n for n in range(40)], 0.003))))


def test_a_decayed_rate_or_a_falling_loss_is_silent():
    assert silent(CHECK, past=history(logged(train_loss=FLAT, val_loss=FLAT, rate=[0.1] * 12 + [0.01] * 12)))
    assert silent(
        CHECK, past=history(logged(train_loss=[2.3 - 0.08 * n for n in range(24)], val_loss=FLAT, rate=[0.1] * 24))
    )


def test_a_short_log_and_one_of_training_alone_are_silent():
    assert silent(CHECK, past=history(logged(val_loss=FLAT[:19])))
    assert silent(CHECK, past=history(logged(train_loss=FLAT, rate=[0.1] * 24)))
