from builders import ERROR, WARNING, config, dataset, history, logged, only, silent
from diagnose.checks.l802_loss_stuck_at_chance import CHECK

STUCK = [2.304, 2.303, 2.303, 2.3026, 2.3026, 2.3026]


def test_stuck_at_the_logarithm_of_the_classes():
    finding = only(CHECK, past=history(logged(train_loss=STUCK)), configuration=config(head=10))
    assert finding.severity is ERROR
    assert "ln(10)" in finding.summary


def test_the_accuracy_says_the_classes_where_nothing_else_does():
    run = logged(train_loss=STUCK, train_accuracy=[0.1, 0.098, 0.101, 0.1, 0.1, 0.102])
    assert only(CHECK, past=history(run)).severity is WARNING
    assert silent(CHECK, past=history(logged(train_loss=STUCK)))


def test_learning_slowly_and_other_numbers_of_classes_are_silent():
    slow = [2.303, 2.29, 2.27, 2.25, 2.24, 2.235]
    assert silent(CHECK, past=history(logged(train_loss=slow)), configuration=config(head=10))
    assert silent(CHECK, past=history(logged(train_loss=STUCK)), dataset=dataset())


def test_an_accuracy_that_never_moves():
    run = logged(train_loss=[0.86, 0.85, 0.84, 0.83, 0.82], val_accuracy=[0.555, 0.555, 0.56, 0.56, 0.555])
    assert only(CHECK, past=history(run)).severity is WARNING
    assert silent(CHECK, past=history(logged(train_loss=[0.9, 0.7, 0.6, 0.5, 0.4], val_accuracy=[0.555] * 5)))
    assert silent(CHECK, past=history(logged(train_loss=[0.01] * 5, val_accuracy=[0.99] * 5)))
