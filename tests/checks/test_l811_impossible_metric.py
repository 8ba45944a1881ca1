from builders import WARNING, findings, history, logged, only, silent
from diagnose.checks.l811_impossible_metric import CHECK


def test_an_accuracy_above_one():
    finding = only(CHECK, past=history(logged(val_accuracy=[0.9, 1.2, 0.95])))
    assert finding.severity is WARNING
    assert "1.2 at epoch 2" in finding.summary


def test_a_loss_of_probabilities():
    assert "log_softmax" in only(CHECK, past=history(logged(train_loss=[-0.1, -0.5, -0.9]))).fix
    assert "negative" in only(CHECK, past=history(logged(train_loss=[-0.1, -5.0]))).fix


def test_each_metric_is_a_finding():
    assert len(findings(CHECK, past=history(logged(train_loss=[-1.0], val_accuracy=[1.1])))) == 2


def test_the_ends_are_possible():
    assert silent(CHECK, past=history(logged(train_loss=[0.0, float("nan")], val_accuracy=[0.0, 1.0])))


def test_a_validation_loss_that_never_is_a_number():
    run = logged(train_loss=[2.0, 1.0], val_loss=[float("nan")] * 2)
    assert "in each of 2 values" in only(CHECK, past=history(run)).summary
