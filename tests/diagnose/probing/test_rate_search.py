import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.probing.rate_search import MOST, RateSearch, lost_steps


def searched(start, loss, hint=None, **options):
    """The search over a function of the rate; None is divergence. Returns it when it has ended."""
    search = RateSearch(start, hint, **options)
    noise = np.random.default_rng(0).normal(0, 0.05, 100)
    while (place := search.next()) is not None:
        result = loss(search.rate(place))
        search.losses[place] = (9.0 if result is None else result) + noise
        if result is None:
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


def test_the_band_reaches_half_way_to_the_first_rates_that_are_clearly_worse():
    noise = np.random.default_rng(0).normal(0, 0.05, 100)
    mean = {-2: 2.0, -1: 1.0, 0: 1.0, 1: 1.0, 2: 2.0}
    search = RateSearch(0.01, losses={place: loss + noise for place, loss in mean.items()})
    assert search.band == (-1.5, 1.5)


def test_the_band_of_a_best_that_stands_out_is_no_single_rate():
    search = searched(0.01, bowl(0.01))
    assert search.band == (search.best - 0.5, search.best + 0.5)


def test_the_band_ends_with_what_was_tried():
    search = searched(0.01, lambda rate: 1.0)
    assert search.band == (min(search.losses), max(search.losses))


@pytest.mark.parametrize("best", [0.009, 0.01, 0.016])
def test_the_optimum_lies_between_the_rates_that_were_tried(best):
    search = searched(0.01, bowl(best))
    assert search.rate(search.optimum) == pytest.approx(best, rel=0.01)


def test_a_cliff_above_the_best_moves_the_optimum_by_a_quarter_of_a_place():
    mean = {-1: 1.5, 0: 1.0, 1: 40.0}
    search = RateSearch(0.01, losses={place: np.full(3, loss) for place, loss in mean.items()})
    assert search.optimum == pytest.approx(-1 / 4)


def test_the_optimum_lies_inside_the_band():
    for best in (0.004, 0.01, 0.02):
        search = searched(0.01, bowl(best, diverges=0.1))
        assert search.band[0] <= search.optimum <= search.band[1]


def test_an_edge_has_no_parabola():
    search = RateSearch(0.1, losses={0: np.zeros(3), 1: np.ones(3)})
    assert search.optimum == search.best == 0


def test_a_rate_that_does_worse_than_an_untrained_network_did_harm():
    for loss, harmed in ((1.9, False), (2.02, False), (3.0, True)):
        search = RateSearch(0.1, losses={0: np.full(3, loss)}, nothing=2.0)
        assert search.harmed is harmed
        assert search.learned is (loss < 2)


def test_downwards_the_rate_below_comes_second():
    up, down = (list(searched(0.01, bowl(0.01), upwards=way, nothing=0.5).losses) for way in (True, False))
    assert (up, down) == ([0, 1, -1], [0, -1, 1])


def test_downwards_ends_once_a_rate_learned():
    assert list(searched(0.01, bowl(0.01), upwards=False, nothing=2.0).losses) == [0, 1, -1]


def test_no_more_rates_are_tried_than_allowed():
    assert len(searched(1e-3, lambda rate: -np.log10(rate), most=4).losses) == 4


@given(st.lists(st.one_of(st.none(), st.floats(0, 10)), min_size=1, max_size=12), st.floats(1e-7, 10))
def test_it_ends_whatever_comes_out(losses, start):
    drawn = iter(losses * MOST)
    assert len(searched(start, lambda rate: next(drawn)).losses) <= MOST


def test_steps_lost_are_those_the_better_rate_does_not_need():
    slow, fast = [2.0 - 0.01 * step for step in range(40)], [2.0 - 0.05 * step for step in range(40)]
    assert lost_steps(slow, fast) == pytest.approx(0.75, abs=0.05)
    assert lost_steps(fast, slow) is None
    assert lost_steps([], fast) is None
