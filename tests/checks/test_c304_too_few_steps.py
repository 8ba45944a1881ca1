from builders import WARNING, config, dataset, only, silent, why_skipped
from diagnose.checks.c304_too_few_steps import CHECK


def test_enough_steps_are_silent():
    assert silent(CHECK, dataset=dataset(5000), configuration=config(weights="none", epochs=90, batch_size=128))


def test_ten_epochs_over_few_images():
    finding = only(CHECK, dataset=dataset(200), configuration=config(weights="none", epochs=10, batch_size=32))
    assert finding.severity is WARNING
    assert finding.measured["steps"] == 130


def test_fine_tuning_needs_few():
    assert silent(CHECK, dataset=dataset(200), configuration=config(weights="imagenet", epochs=10, batch_size=32))


def test_unknown_epochs_are_not_examined():
    assert "`epochs`" in why_skipped(CHECK, dataset=dataset(), configuration=config(weights="none", batch_size=32))
