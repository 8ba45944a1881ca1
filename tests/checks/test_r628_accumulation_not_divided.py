from builders import WARNING, only, ran, silent
from diagnose.checks.r628_accumulation_not_divided import CHECK

from diagnose.model import SeenOptimizer


def steps(name="SGD", **more):
    return ran(optimizers=(SeenOptimizer(name, **more),))


def test_a_step_per_batch_and_divided_losses_are_silent():
    assert silent(CHECK, ran=ran())
    assert silent(CHECK, ran=steps(passes=8, divided=True))


def test_eight_batches_that_are_not_divided_are_a_warning():
    assert only(CHECK, ran=steps(passes=8, divided=False)).severity is WARNING


def test_adam_and_two_batches_are_silent():
    assert silent(CHECK, ran=steps("Adam", passes=8, divided=False))
    assert silent(CHECK, ran=steps(passes=2, divided=False))
