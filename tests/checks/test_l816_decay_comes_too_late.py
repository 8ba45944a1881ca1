from builders import INFO, history, logged, only, silent, wobble
from diagnose.checks.l816_decay_comes_too_late import CHECK

HELD = wobble([0.8 - 0.5 * 0.9**n for n in range(100)], 0.002)


def test_a_step_at_the_very_end():
    finding = only(CHECK, past=history(logged(val_accuracy=HELD, rate=[0.1] * 97 + [0.01] * 3)))
    assert finding.severity is INFO
    assert "epoch 98 of 100" in finding.summary


def test_a_step_in_time_and_a_smooth_schedule_are_silent():
    assert silent(CHECK, past=history(logged(val_accuracy=HELD, rate=[0.1] * 75 + [0.01] * 25)))
    assert silent(CHECK, past=history(logged(val_accuracy=HELD, rate=[0.1 * 0.4**n for n in range(100)])))


def test_a_late_step_that_gained_is_silent():
    held = [*HELD[:97], 0.85, 0.86, 0.86]
    assert silent(CHECK, past=history(logged(val_accuracy=held, rate=[0.1] * 97 + [0.01] * 3)))
    assert silent(CHECK, past=history(logged(train_loss=[1.0] * 100, rate=[0.1] * 97 + [0.01] * 3)))
