import math
import random

import pytest

from diagnose.probing.lr_range import blown_up, grid, read


def bowl(rates, best, diverges):
    """A loss that falls towards `best`, rises beyond it and is NaN from `diverges` on."""
    return [math.nan if rate > diverges else 2 - 1.5 * math.exp(-(math.log10(rate / best) ** 2) / 2) for rate in rates]


def test_rates_grow_by_a_constant_factor():
    rates = grid("sgd", 50)
    assert (rates[0], rates[-1]) == (pytest.approx(1e-6), pytest.approx(10))
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
    assert read(grid("sgd", 40), [2.0] * 40).suggested is None


def test_a_rising_loss_suggests_nothing():
    assert read(grid("sgd", 40), [2 + 0.1 * step for step in range(40)]).suggested is None


def test_a_test_of_a_few_steps_tells_nothing():
    assert read(grid("sgd", 40), [2.0, math.nan]).suggested is None


def test_a_minimum_within_the_noise_suggests_nothing():
    rng = random.Random(0)
    suggestions = [read(grid("sgd", 50), [2.3 + rng.gauss(0, 0.2) for _ in range(50)]).suggested for _ in range(200)]
    assert sum(suggestion is not None for suggestion in suggestions) <= 10
