from builders import INFO, config, history, logged, only, silent, wobble
from diagnose.checks.l806_still_improving import CHECK

RISES = wobble([0.3 + 0.012 * n for n in range(30)], 0.002)


def test_a_run_that_ended_too_early():
    finding = only(CHECK, past=history(logged(val_accuracy=RISES)))
    assert finding.severity is INFO
    assert "still improves at the end" in finding.summary


def test_one_that_still_runs():
    assert "epoch 30 of 90 planned" in only(CHECK, past=history(logged(val_accuracy=RISES, planned=90))).summary


def test_a_few_evaluations():
    assert only(CHECK, past=history(logged(val_loss=[0.7, 0.55, 0.47])))
    assert silent(CHECK, past=history(logged(val_loss=[0.7, 0.3, 0.29])))
    assert silent(CHECK, past=history(logged(val_loss=[0.7, 0.5, 0.6])))


def test_a_loss_that_falls_without_an_accuracy():
    assert only(CHECK, past=history(logged(val_loss=wobble([2.0 * 0.97**n for n in range(40)], 0.002))))


def test_a_loss_that_rises_meanwhile():
    run = logged(val_accuracy=RISES, val_loss=[1.0 + 0.02 * n for n in range(30)])
    assert silent(CHECK, past=history(run))


def test_a_schedule_that_came_to_its_end_is_silent():
    rate = [0.1 * (1 - n / 30) for n in range(1, 31)]
    assert silent(CHECK, past=history(logged(val_accuracy=RISES, rate=rate)))
    assert silent(CHECK, past=history(logged(val_accuracy=RISES)), configuration=config(schedule="cosine"))


def test_a_flat_end_is_silent():
    assert silent(CHECK, past=history(logged(val_accuracy=wobble([0.8 - 0.5 * 0.7**n for n in range(30)], 0.01))))
