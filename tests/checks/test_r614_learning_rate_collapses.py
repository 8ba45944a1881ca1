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
