from builders import ERROR, feed, only, ran, silent
from diagnose.checks.r627_no_optimizer_step import CHECK


def test_steps_are_silent():
    assert silent(CHECK, ran=ran())


def test_backward_passes_without_steps_are_an_error():
    many = (feed(labels=((0, 1),) * 40),)
    assert only(CHECK, ran=ran(steps=0, network=None, feeds=many)).severity is ERROR


def test_few_passes_may_accumulate():
    assert silent(CHECK, ran=ran(steps=0, network=None))
    assert silent(CHECK, ran=ran(steps=0, epochs=1))
    assert silent(CHECK, ran=ran(steps=0, feeds=(feed(labels=((0, 1),)),)))
