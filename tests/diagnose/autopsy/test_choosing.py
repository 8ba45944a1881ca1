import numpy as np

from diagnose.autopsy.choosing import Arm, chosen, confirmed, finalists, gain, restores
from diagnose.model.checkpoint import GEOMETRY


def hits(right, images=100, first=0):
    """The first so many are right, from `first` on."""
    found = np.zeros(images)
    found[first : first + right] = 1
    return found


def arm(name):
    return Arm("kind", name, lambda first, last: np.zeros(last - first))


def test_small_gains_do_not_restore():
    assert not restores(0.70, 0.74)
    assert not restores(0.10, 0.18)  # of 90 points of errors
    assert not restores(0.10, 0.25, GEOMETRY)  # larger images gain a little on sound networks
    assert restores(0.10, 0.25)
    assert restores(0.31, 0.85)
    assert restores(0.90, 0.97)


def test_a_gain_has_a_paired_interval_that_many_changes_widen():
    one, many = gain(hits(80), hits(40)), gain(hits(80), hits(40), 30)
    assert one.difference == many.difference == 0.4
    assert many.interval.low < one.interval.low < 0.4 < one.interval.high
    assert one.p is not None
    assert one.p < 1e-6


def test_the_same_hits_are_no_gain():
    found = gain(hits(50), hits(50))
    assert not found.interval.excludes_zero
    assert not confirmed(found, 0.5, 0.5)


def test_of_changes_that_cannot_be_distinguished_the_likeliest_is_chosen():
    written = hits(20)
    arms = [(arm("first"), hits(78)), (arm("best"), hits(80)), (arm("worse"), hits(40))]
    best = chosen(arms, written)
    assert best is not None
    assert best[0].words == "first"


def test_nothing_is_chosen_where_nothing_restores():
    assert chosen([(arm("one"), hits(55))], hits(50)) is None


def test_only_changes_that_gained_are_looked_at_again():
    arms = [arm(str(number)) for number in range(8)]
    kept = finalists([(one, 0.1 * number - 0.1) for number, one in enumerate(arms)])
    assert [one.words for one in kept] == ["3", "4", "5", "6", "7"]


def test_false_alarms_of_thirty_changes_without_effect_are_rare():
    draw = np.random.default_rng(0)
    alarms = 0
    for _ in range(300):
        every = (draw.random((31, 200)) < 0.7).astype(float)
        best = chosen([(arm(str(at)), one[:100]) for at, one in enumerate(every[1:])], every[0][:100])
        if best is not None:
            after = every[1 + int(best[0].words)][100:]
            found = gain(after, every[0][100:], 30)
            alarms += confirmed(found, float(every[0][100:].mean()), float(after.mean()))
    assert alarms <= 3
