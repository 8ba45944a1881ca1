"""The search on a function in the place of trainings: losses that a rate decides, with noise of their own."""

import logging

import numpy as np
import optuna
import pytest

from diagnose.probing.clock import OutOfTime
from diagnose.probing.recipe import Recipe
from diagnose.probing.train import Trained
from diagnose.probing.tuning.dimensions import RATE, Around
from diagnose.probing.tuning.search import Search
from diagnose.probing.tuning.space import Space

SPACE = Space(Around(Recipe("sgd", 10.0, weight_decay=1e-4, batch_size=32), short=False))
RUNGS = (5, 10, 20)


def trained(loss, diverged=False):
    losses = np.full(8, loss)
    return Trained(((0, loss),), np.zeros(8), losses, diverged, 8, 1.0, 1.0)


def by_rate(params, number, steps):
    """The best rate is 0.03; longer trainings get nearer to it."""
    distance = abs(np.log10(params[RATE] / 0.03))
    return trained(distance + 1 / steps, diverged=params[RATE] > 5)


def search(train=by_rate, recipes=30, seed=0):
    count = []

    def fits(steps):
        return len(count) < recipes

    made = Search(SPACE, RUNGS, seed, train, fits)
    made.run(lambda: count.append(1))
    return made


def test_it_finds_a_better_rate():
    made = search()
    assert 0.01 < made.best.params[RATE] < 0.1
    assert len(made.tried) == 30


def test_the_persons_own_recipe_comes_first_and_is_trained_in_full_whatever_it_does():
    made = search()
    assert (made.tried[0].changes, made.tried[0].steps, made.tried[0].diverged) == ("", 20, True)
    assert made.finished[0].params == SPACE.own


def test_half_at_most_go_on_from_a_rung():
    steps = [one.steps for one in search(recipes=60).tried]
    assert steps.count(5) > 20
    assert steps.count(20) < 20


def test_what_diverges_goes_no_further():
    made = search(lambda params, number, steps: trained(9.0, diverged=number > 1))
    assert {one.steps for one in made.tried[1:]} == {5}
    assert len(made.finished) == 1


def test_the_same_seed_proposes_the_same():
    assert [one.changes for one in search(recipes=15).tried] == [one.changes for one in search(recipes=15).tried]
    assert [one.changes for one in search(recipes=15).tried] != [
        one.changes for one in search(recipes=15, seed=1).tried
    ]


def test_the_end_of_the_time_ends_it_and_keeps_what_is_known():
    def late(params, number, steps):
        if number > 3:
            raise OutOfTime
        return by_rate(params, number, steps)

    made = Search(SPACE, RUNGS, 0, late, lambda steps: True)
    with pytest.raises(OutOfTime):
        made.run(lambda: None)
    assert len(made.tried) == 3


def test_nothing_to_change_is_no_search():
    fixed = {name: "so it is" for name in Recipe.__dataclass_fields__}
    made = Search(Space(Around(Recipe(), fixed=fixed)), RUNGS, 0, by_rate, lambda steps: True)
    made.run(lambda: None)
    assert made.tried == []


def test_optuna_is_silent(capfd):
    search(recipes=3)
    assert capfd.readouterr() == ("", "")
    assert optuna.logging.get_verbosity() >= logging.CRITICAL


def test_as_many_recipes_as_run_at_once_are_begun_before_the_first_is_asked_for():
    heard = []

    def train(params, number, steps):
        heard.append(("train", steps))
        return by_rate(params, number, steps)

    made = Search(
        SPACE, RUNGS, 0, train, lambda steps: len(made.tried) < 6,
        lambda params, steps: heard.append(("begin", steps)), width=3,
    )  # fmt: skip
    made.run(lambda: None)
    assert heard[:4] == [("begin", 5)] * 3 + [("train", 5)]
    assert len(made.tried) == 6
