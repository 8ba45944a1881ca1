from builders import ERROR, WARNING, dataset, history, logged, only, silent
from diagnose.checks.l803_validation_at_chance import CHECK

LEARNS = [0.6, 0.75, 0.85, 0.9, 0.94, 0.96, 0.97, 0.98]


def test_validation_at_chance_while_training_learns():
    run = logged(train_accuracy=LEARNS, val_accuracy=[0.52, 0.49, 0.5, 0.51, 0.5, 0.48, 0.52, 0.5])
    finding = only(CHECK, past=history(run), dataset=dataset())
    assert finding.severity is ERROR
    assert "--checkpoint" in finding.fix


def test_the_same_value_each_time_without_knowing_the_classes():
    finding = only(CHECK, past=history(logged(train_accuracy=LEARNS, val_accuracy=[0.2] * 8)))
    assert finding.severity is WARNING


def test_overfitting_well_above_chance_is_another_thing():
    run = logged(train_accuracy=LEARNS, val_accuracy=[0.55, 0.6, 0.63, 0.64, 0.66, 0.64, 0.65, 0.64])
    assert silent(CHECK, past=history(run), dataset=dataset())


def test_training_at_chance_too_is_silent():
    run = logged(train_accuracy=[0.5] * 8, val_accuracy=[0.5] * 8)
    assert silent(CHECK, past=history(run), dataset=dataset())


def test_a_value_and_its_complement():
    held = [0.734, 0.266, 0.266, 0.266, 0.734, 0.734, 0.734, 0.734, 0.734, 0.656]
    finding = only(CHECK, past=history(logged(train_accuracy=[*LEARNS, 0.98, 0.99], val_accuracy=held)))
    assert "same class" in finding.summary


def test_all_right_at_every_evaluation_is_silent():
    assert silent(CHECK, past=history(logged(train_accuracy=LEARNS, val_accuracy=[1.0] * 8)))


def test_no_better_than_guessing_by_the_first_training_loss_without_knowing_the_classes():
    held = [0.101, 0.095, 0.093, 0.096, 0.09, 0.094, 0.09, 0.092]
    run = logged(train_loss=[1.5, 0.9, 0.7, 0.6, 0.5, 0.45, 0.4, 0.38], train_accuracy=LEARNS, val_accuracy=held)
    assert only(CHECK, past=history(run)).severity is WARNING
    by_loss = logged(train_loss=[2.3, 1.9, 1.6, 1.3, 1.0, 0.9, 0.8, 0.7], val_accuracy=held)
    assert "loss falls to" in only(CHECK, past=history(by_loss)).summary
    better = [0.31, 0.33, 0.32, 0.33, 0.34, 0.33, 0.33, 0.34]
    assert silent(CHECK, past=history(logged(train_loss=[2.3, 1.9, 1.6, 1.3, 1.0, 0.9, 0.8, 0.7], val_accuracy=better)))
