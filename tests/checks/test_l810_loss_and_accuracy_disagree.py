from builders import INFO, WARNING, history, logged, only, silent, wobble
from diagnose.checks.l810_loss_and_accuracy_disagree import CHECK

TURNS = wobble([1.8 - 0.1 * n for n in range(9)] + [1.0 + 0.05 * n for n in range(21)], 0.02)
RISES = wobble([0.5 + 0.01 * n for n in range(30)], 0.002)
FALLS = [2.0 * 0.85**n for n in range(30)]


def test_too_sure_of_its_errors():
    assert only(CHECK, past=history(logged(val_loss=TURNS, val_accuracy=RISES))).severity is INFO


def test_an_accuracy_that_is_not_of_what_is_trained():
    finding = only(CHECK, past=history(logged(train_loss=FALLS, train_accuracy=[0.1] * 30)))
    assert finding.severity is WARNING


def test_agreement_is_silent():
    assert silent(
        CHECK, past=history(logged(train_loss=FALLS, val_loss=FALLS, train_accuracy=RISES, val_accuracy=RISES))
    )
    assert silent(CHECK, past=history(logged(val_loss=TURNS, val_accuracy=[0.6] * 30)))
