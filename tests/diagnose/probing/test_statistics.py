import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from diagnose.model import Confidence, Interval, Paired
from diagnose.probing.statistics import confidences, crossed, holm, paired, wilson


def draws(rng, seeds, images, seed_spread, image_spread, noise, effect=0.0):
    """Crossed effects of seeds and images, the model that the interval assumes."""
    return list(
        effect
        + seed_spread * rng.standard_normal((seeds, 1))
        + image_spread * rng.standard_normal((1, images))
        + noise * rng.standard_normal((seeds, images))
    )


@pytest.mark.parametrize(("seeds", "seed_spread", "image_spread"), [(3, 0.05, 0.3), (6, 0.05, 0.3), (4, 0.0, 0.5)])
def test_the_interval_covers_the_truth_as_often_as_it_says(seeds, seed_spread, image_spread):
    rng = np.random.default_rng(0)
    zeros = [np.zeros(100)] * seeds
    held = 0
    for _ in range(400):
        interval = paired(draws(rng, seeds, 100, seed_spread, image_spread, 0.3, effect=0.1), zeros).interval
        held += interval.low <= 0.1 <= interval.high
    assert held / 400 >= 0.93


def test_equal_runs_differ_by_nothing():
    same = [np.array([1.0, 0.0, 1.0])] * 3
    result = paired(same, same)
    assert (result.difference, result.interval.low, result.interval.high) == (0, 0, 0)
    assert not result.interval.excludes_zero


def test_one_seed_knows_no_spread():
    assert paired([np.ones(5)], [np.zeros(5)]) is None


def test_few_noisy_seeds_widen_the_interval():
    zeros = np.zeros(50)
    two = paired([zeros + 0.1, zeros + 0.3], [zeros, zeros]).interval
    six = paired([zeros + 0.1, zeros + 0.3] * 3, [zeros] * 6).interval
    assert two.high - two.low > 5 * (six.high - six.low)
    assert not two.excludes_zero
    assert six.excludes_zero


@settings(max_examples=50, deadline=None)
@given(hits=st.integers(0, 50))
def test_wilson_holds_the_share_and_is_scipys(hits):
    interval = wilson(hits, 50)
    assert 0 <= interval.low <= hits / 50 <= interval.high <= 1
    oracle = stats.binomtest(hits, 50).proportion_ci(method="wilson")
    assert (interval.low, interval.high) == pytest.approx((oracle.low, oracle.high), abs=1e-12)


def test_the_interval_over_seeds_alone_is_students():
    estimate = crossed([np.full(9, value) for value in (0.1, 0.2, 0.4)])
    oracle = stats.ttest_1samp([0.1, 0.2, 0.4], 0)
    low, high = oracle.confidence_interval()
    assert (estimate.interval.low, estimate.interval.high, estimate.p) == pytest.approx((low, high, oracle.pvalue))


def test_p_values_and_intervals_agree():
    rng = np.random.default_rng(3)
    for effect in (0.0, 0.03, 0.2):
        estimate = crossed(draws(rng, 6, 100, 0.05, 0.3, 0.3, effect))
        assert (estimate.p < 0.05) == estimate.interval.excludes_zero


def test_holm_corrects_step_by_step_in_the_given_order():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])  # the example of p.adjust in R
    assert holm([]) == []
    assert holm([0.9, 0.8]) == [1.0, 1.0]


def test_what_many_factors_show_is_held_to_more_than_what_one_does():
    def effect(p, seeds=6):
        return Paired(0.1, Interval(0.01, 0.2) if p < 0.05 else Interval(-0.1, 0.3), seeds, 100, p)

    assert confidences([effect(0.03)]) == [Confidence.SHOWN]
    assert confidences([effect(0.03), effect(0.5)]) == [Confidence.INDICATED, Confidence.NOT_DECIDED]
    assert confidences([effect(0.001, seeds=3)]) == [Confidence.INDICATED]
