import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.probing.rate_search import MOST, RateSearch, lost_steps


def searched(start, loss, hint=None):
    """The search over a function of the rate; None is divergence. Returns it when it has ended."""
    search = RateSearch(start, hint)
    noise = np.random.default_rng(0).normal(0, 0.05, 100)
    while (place := search.next()) is not None:
        told = loss(search.rate(place))
        search.losses[place] = (9.0 if told is None else told) + noise
        if told is None:
            search.diverged.add(place)
    return search


def bowl(best, diverges=10.0):
    return lambda rate: None if rate >= diverges else 1 + np.log10(rate / best) ** 2


@pytest.mark.parametrize("start", [0.1, 0.01, 1e-3])
def test_the_best_rate_is_found_and_bracketed(start):
    search = searched(start, bowl(0.01))
    assert search.bracketed
    assert search.rate(search.best) == pytest.approx(0.01, rel=0.6)
    assert len(search.losses) <= MOST


def test_a_good_hint_takes_three_rates():
    search = searched(10.0, bowl(0.01), hint=0.012)
    assert len(search.losses) == 3
    assert search.bracketed


def test_divergence_everywhere_suggests_nothing():
    search = searched(1.0, lambda rate: None)
    assert search.best is None
    assert not search.bracketed
    assert search.band is None


def test_from_divergence_it_steps_down_by_decades():
    search = searched(10.0, bowl(0.01, diverges=0.3))
    assert search.bracketed
    assert search.rate(search.best) == pytest.approx(0.01, rel=0.1)


def test_a_slope_without_end_is_an_edge_and_no_verdict():
    assert not searched(1e-3, lambda rate: -np.log10(rate), hint=1e-3).bracketed


def test_the_band_holds_what_cannot_be_told_from_the_best():
    search = searched(0.01, lambda rate: 1.0 if 0.002 < rate < 0.05 else 2.0)
    low, high = search.band
    assert low <= search.best <= high
    assert all(search.losses[place].mean() < 1.5 for place in range(low, high + 1))


@given(st.lists(st.one_of(st.none(), st.floats(0, 10)), min_size=1, max_size=12), st.floats(1e-7, 10))
def test_it_ends_whatever_comes_out(losses, start):
    drawn = iter(losses * MOST)
    assert len(searched(start, lambda rate: next(drawn)).losses) <= MOST


def test_steps_lost_are_those_the_better_rate_does_not_need():
    slow, fast = [2.0 - 0.01 * step for step in range(40)], [2.0 - 0.05 * step for step in range(40)]
    assert lost_steps(slow, fast) == pytest.approx(0.75, abs=0.05)
    assert lost_steps(fast, slow) is None
    assert lost_steps([], fast) is None
