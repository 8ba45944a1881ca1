import math
import random

import pytest

from diagnose.probing.lr_range import blown_up, grid, read


def bowl(rates, best, diverges):
    """A loss that falls towards `best`, rises beyond it and is NaN from `diverges` on."""
    return [math.nan if rate > diverges else 2 - 1.5 * math.exp(-(math.log10(rate / best) ** 2) / 2) for rate in rates]


def test_rates_grow_by_a_constant_factor():
    rates = grid("sgd", 50)
    assert (rates[0], rates[-1]) == (pytest.approx(1e-5), pytest.approx(10))
    assert rates[1] / rates[0] == pytest.approx(rates[-1] / rates[-2])
    assert grid("adamw", 50)[-1] == pytest.approx(1)


def test_suggests_a_tenth_of_the_best_and_says_where_it_diverged():
    rates = grid("sgd", 60)
    losses = bowl(rates, best=0.1, diverges=2)
    ended = next(i for i in range(1, 61) if blown_up(losses[:i]))
    test = read(rates, losses[:ended])
    assert 0.005 < test.suggested < 0.05
    assert test.diverges_at == pytest.approx(rates[ended - 1])
    assert all(math.isfinite(loss) for _, loss in test.curve)


def test_a_loss_that_never_fell_suggests_nothing():
    test = read(grid("sgd", 40), [2.0] * 40)
    assert test.suggested is test.rises_at is test.begin is None


def test_a_rising_loss_suggests_nothing_and_the_search_begins_below_the_rise():
    rates = grid("sgd", 40)
    test = read(rates, [2.0 if rate < 0.1 else 4.0 for rate in rates])
    assert test.suggested is None
    assert 0.1 <= test.rises_at < 0.2
    assert test.begin == test.rises_at / 10


def test_a_loss_that_comes_back_down_has_not_risen():
    assert read(grid("sgd", 40), [2.0] * 15 + [5.0] * 5 + [2.0] * 20).rises_at is None


def test_the_search_begins_at_the_suggestion():
    rates = grid("sgd", 60)
    test = read(rates, [min(loss, 9.0) for loss in bowl(rates, best=0.1, diverges=20)])
    assert test.begin == test.suggested


def test_a_test_of_a_few_steps_tells_nothing():
    assert read(grid("sgd", 40), [2.0, math.nan]).suggested is None


def test_a_minimum_within_the_noise_suggests_nothing():
    rng = random.Random(0)
    suggestions = [read(grid("sgd", 22), [2.3 + rng.gauss(0, 0.2) for _ in range(22)]).suggested for _ in range(200)]
    assert sum(suggestion is not None for suggestion in suggestions) <= 10
