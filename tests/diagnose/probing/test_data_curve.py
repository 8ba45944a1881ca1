import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnose.probing.data_curve import learning_curve, linear_probe_hits

SIZES = [12.5, 25.0, 50.0, 100.0]


def hits(errors, draws=5, images=400, seed=0):
    """Hits with these error rates by size; images are hard or easy for every size alike."""
    hard = np.random.default_rng(seed).random((1, 1, images))
    return (hard >= np.array(errors)[None, :, None]).astype(float).repeat(draws, 0)


def law(a=1.0, b=0.4, sizes=SIZES):
    return [a * size**-b for size in sizes]


def test_a_power_law_is_carried_to_twice_the_size():
    curve = learning_curve("pretrained", SIZES, hits(law(), images=20000), None)
    assert curve.doubled == pytest.approx(1 - 200**-0.4, abs=0.005)
    assert curve.doubled_interval.low < curve.doubled < curve.doubled_interval.high
    assert curve.needed is None


def test_the_images_that_a_target_takes():
    target = 1 - 180**-0.4
    curve = learning_curve("pretrained", SIZES, hits(law(), images=20000), target)
    assert curve.needed == pytest.approx(180, rel=0.1)
    assert curve.needed_interval.low < curve.needed < curve.needed_interval.high


def test_beyond_four_times_no_number_is_given():
    curve = learning_curve("pretrained", SIZES, hits(law(), images=20000), 1 - 2000**-0.4)
    assert curve.needed is None
    assert "beyond 4 times" in curve.why
    assert curve.doubled is not None


@pytest.mark.parametrize(
    ("errors", "why"),
    [
        ([0.3, 0.3, 0.31, 0.32], "did not lower"),
        ([0.8, 0.4, 0.2, 0.4], "do not follow a power law"),
        ([0.1, 0.0, 0.0, 0.0], "no error is left"),
    ],
)
def test_what_cannot_be_told_is_said(errors, why):
    curve = learning_curve("scratch", SIZES, hits(errors, images=2000), 0.9)
    assert curve.doubled is None
    assert why in curve.why
    assert len(curve.points) == 4


def test_two_sizes_are_no_curve():
    assert "only 2 sizes" in learning_curve("scratch", SIZES[:2], hits([0.3, 0.2]), None).why


def test_fewer_held_out_images_widen_the_interval():
    wide, narrow = (
        learning_curve("x", SIZES, hits(law(), images=count), None).doubled_interval for count in (60, 5000)
    )
    assert wide.high - wide.low > narrow.high - narrow.low


@settings(max_examples=25, deadline=None)
@given(errors=st.lists(st.floats(0.01, 0.99), min_size=3, max_size=4), target=st.floats(0.05, 0.99))
def test_intervals_hold_their_numbers_whatever_the_errors(errors, target):
    curve = learning_curve("x", SIZES[-len(errors) :], hits(errors, images=200), target)
    if curve.doubled is not None:
        assert 0 <= curve.doubled_interval.low <= curve.doubled_interval.high <= 1
    if curve.needed is not None:
        assert 0 < curve.needed_interval.low <= curve.needed_interval.high


def test_nested_subsets_hold_each_class_in_its_proportion():
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(160) % 2
    features = torch.randn(160, 8, generator=generator) + labels[:, None]
    sizes, scores = linear_probe_hits(features, labels, features[:40], labels[:40], 2)
    assert sizes == [10, 20, 40, 80]
    assert scores.shape == (5, 4, 40)
    assert scores[:, -1].mean() >= scores[:, 0].mean() - 0.05
    assert np.array_equal(scores[0, -1], scores[4, -1])


def test_few_images_leave_out_the_smallest_subsets():
    labels = torch.arange(20) % 2
    sizes, _ = linear_probe_hits(torch.randn(20, 4), labels, torch.randn(6, 4), labels[:6], 2)
    assert sizes == [2.5, 5, 10]
