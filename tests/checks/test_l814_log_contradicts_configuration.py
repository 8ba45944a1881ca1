from builders import INFO, config, findings, history, logged, silent, why_skipped
from diagnose.checks.l814_log_contradicts_configuration import CHECK


def test_another_rate_and_other_epochs():
    run = logged(train_loss=[2.0, 1.5], rate=[0.001, 0.001], planned=30)
    found = findings(CHECK, past=history(run), configuration=config(epochs=90, learning_rate=0.1))
    assert [one.severity for one in found] == [INFO, INFO]
    assert "the log shows 30 for the epochs, the configuration says 90" in found[0].summary
    assert found[1].location.line == 2


def test_a_warm_up_reaches_the_configured_rate():
    run = logged(train_loss=[2.0, 1.5], rate=[0.01, 0.1], planned=90)
    assert silent(CHECK, past=history(run), configuration=config(epochs=90, learning_rate=0.1))


def test_what_neither_says_is_silent():
    assert silent(CHECK, past=history(logged(train_loss=[2.0])), configuration=config(epochs=90))
    assert "no run" in why_skipped(CHECK, past=history(), configuration=config(epochs=90))
