from builders import ERROR, config, only, ran, silent, why_skipped
from diagnose.checks.r635_warm_up_never_ends import CHECK

from diagnose.model.run import SeenSchedule


def climbing(*climb):
    return ran(schedules=(SeenSchedule("LambdaLR", "epoch", climb=climb),))


LONG = climbing((2, 1e-4), (250, 0.025), (500, 0.05))


def test_a_warm_up_in_batches_that_is_stepped_per_epoch_is_an_error():
    found = only(CHECK, ran=LONG, configuration=config(epochs=90))
    assert found.severity is ERROR
    assert "in 90 epochs" in found.summary
    assert found.measured["reached"] == 1e-4


def test_one_that_comes_to_its_peak_is_silent():
    assert silent(CHECK, ran=climbing((2, 0.01), (5, 0.1)), configuration=config(epochs=90))
    assert silent(CHECK, ran=LONG, configuration=config(epochs=400))


def test_one_that_only_falls_is_silent():
    assert silent(CHECK, ran=climbing((3, 0.1)), configuration=config(epochs=2))


def test_without_the_number_of_epochs_it_is_not_examined():
    assert "epochs" in why_skipped(CHECK, ran=LONG)


def test_a_function_that_returns_a_rate_is_an_error():
    squared = ran(schedules=(SeenSchedule("LambdaLR", "batch", climb=((3, 1e-4), (900, 0.01))),))
    found = only(CHECK, ran=squared)  # the optimizer was given 0.1
    assert "0.01 is applied at most, of 0.1" in found.summary
    assert silent(CHECK, ran=ran(schedules=(SeenSchedule("LambdaLR", "batch", climb=((3, 1e-4), (900, 0.1))),)))
