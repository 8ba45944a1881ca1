from builders import ERROR, config, only, ran, silent
from diagnose.checks.r614_learning_rate_collapses import CHECK

from diagnose.model import SeenSchedule


def stepped(after, per="batch", highest=1.0):
    return ran(schedules=(SeenSchedule("StepLR", per, after, highest),))


def test_schedules_that_last_are_silent():
    assert silent(CHECK, ran=stepped(0.9))
    assert silent(CHECK, ran=stepped(None, per="epoch"))


def test_a_rate_that_is_used_up_within_an_epoch_is_an_error():
    assert only(CHECK, ran=stepped(1e-5)).severity is ERROR


def test_a_run_of_one_epoch_may_end_there():
    assert silent(CHECK, ran=stepped(1e-5), configuration=config(epochs=1))


def gone(after, epochs):
    schedule = SeenSchedule("CosineDecay", "batch", 0.6, 1.0, gone=after)
    return {"ran": ran(schedules=(schedule,), planned=epochs)}


def test_a_rate_that_stays_near_zero_for_most_of_the_training_is_an_error():
    assert only(CHECK, **gone(2.2, 60)).severity is ERROR
    assert silent(CHECK, **gone(2.2, 3))
    assert silent(CHECK, **gone(50.0, 60))
