import dataclasses

import numpy as np
import pytest
from steps import Steps
from tiny_networks import TINY

from diagnose.events import ProbeStarted, ProbeStep
from diagnose.probing.bench import PACED, Arm, Bench
from diagnose.probing.cache import Cache
from diagnose.probing.clock import Machine, OutOfTime
from diagnose.probing.recipe import Recipe

SCRATCH = Arm("scratch", TINY, False, Recipe(augmentations=()))


@pytest.fixture
def bench(images, weights, tmp_path):
    def make(fingerprint="pictures"):
        events = []
        bench = Bench(images, 2, weights, 8, fingerprint, Cache(tmp_path), events.append, Machine(Steps()))
        bench.steps, bench.events = 3, events
        return bench

    return make


def started(bench):
    return [event.arm for event in bench.events if isinstance(event, ProbeStarted)]


def test_a_run_is_kept_and_not_run_again(bench):
    one = bench()
    first = one.run(SCRATCH, 0)
    assert one.run(SCRATCH, 0) is first
    assert started(one) == ["scratch"]
    assert one.cost(SCRATCH, 0) == 0 < one.cost(SCRATCH, 1)


def test_another_session_takes_it_from_the_cache(bench):
    first = bench().run(SCRATCH, 0)
    later = bench()
    assert later.cost(SCRATCH, 0) == 0
    again = later.run(SCRATCH, 0)
    assert started(later) == []
    assert (again.curve, again.hits.tolist(), again.losses.tolist()) == (
        first.curve, first.hits.tolist(), first.losses.tolist())  # fmt: skip
    assert later.runs[0].cached
    assert bench("other pictures").cost(SCRATCH, 0) != 0


@pytest.mark.parametrize(
    "other",
    [
        Arm("x", TINY, True, Recipe(augmentations=())),
        Arm("x", TINY, True, Recipe(augmentations=()), features=False),
        Arm("x", TINY, False, Recipe(augmentations=(), learning_rate=0.5)),
        Arm("x", TINY, False, Recipe(augmentations=()), share=0.5),
    ],
)
def test_whatever_makes_another_training_is_another_result(bench, other):
    one = bench()
    one.run(SCRATCH, 0)
    assert one.cost(other, 0) > 0
    assert one.run(other, 0).curve != one.run(SCRATCH, 0).curve


def test_arms_are_the_same_by_what_they_train(bench):
    one = bench()
    one.run(SCRATCH, 0)
    one.run(Arm("another name", TINY, False, Recipe(augmentations=())), 1)
    one.run(Arm("another name", TINY, False, Recipe(augmentations=())), 0)
    assert started(one) == ["scratch", "another name"]
    assert [(run.arm, run.seed) for run in one.runs] == [("scratch", 0), ("another name", 1), ("another name", 0)]
    assert one.runs[2].cached


def test_gaps_are_over_the_seeds_that_both_ran(bench):
    one = bench()
    pretrained = Arm("pretrained", TINY, True, Recipe(augmentations=()))
    for seed in range(3):
        one.run(SCRATCH, seed)
    one.run(pretrained, 1)
    assert one.gap(pretrained, SCRATCH) is None
    one.run(pretrained, 2)
    assert one.gap(pretrained, SCRATCH).seeds == 2
    assert one.seeds(pretrained, SCRATCH) == [1, 2]


def test_a_run_shorter_than_the_probe_is_run_whole(bench):
    one = bench()
    short = Arm("short", TINY, False, Recipe(augmentations=(), steps=2))
    assert len(one.run(short, 0).curve) == 2
    assert one.seconds(TINY, 2) < one.seconds(TINY, 3)


def test_costs_follow_what_runs_took(bench):
    one = bench()
    one.steps = 12
    assert one.cost(SCRATCH, 1) > 0  # a guess, from a few steps
    one.machine.clock.each *= 10  # the machine became slower
    begin = one.machine.clock.now
    one.run(SCRATCH, 0)
    assert one.cost(SCRATCH, 1) == pytest.approx(one.machine.clock.now - begin, rel=0.2)


def test_the_prior_is_the_share_of_the_largest_class(bench):
    assert bench().prior() == 0.5


def test_what_ran_on_a_cluster_is_what_would_have_run_here(bench, elsewhere):
    here, there = bench(), bench("the same pictures under another name")
    there.cluster = elsewhere()
    there.begin_elsewhere(SCRATCH, range(2))
    assert there.cluster.begun == [("scratch", 0), ("scratch", 1)]
    assert there.cost(SCRATCH, 0) == 0
    one, other = here.run(SCRATCH, 1), there.run(SCRATCH, 1)
    assert (one.curve, one.hits.tolist(), one.losses.tolist()) == (
        other.curve, other.hits.tolist(), other.losses.tolist())  # fmt: skip
    assert started(there) == ["scratch"]
    assert not there.runs[0].cached
    again = bench("the same pictures under another name")
    again.cluster = elsewhere()
    again.begin_elsewhere(SCRATCH, range(2))
    assert again.cluster.begun == [("scratch", 0)]  # the other one is in the cache


def test_what_the_cluster_lost_runs_here(bench, elsewhere):
    one = bench()
    one.cluster = elsewhere(lost=True)
    one.begin_elsewhere(SCRATCH, range(1))
    assert len(one.run(SCRATCH, 0).curve) == 3


@pytest.mark.parametrize(("arch", "again"), [("test_resnet", 32), ("test_vit", 0)])
def test_an_evaluation_costs_batch_norms_images_where_there_is_any(bench, arch, again):
    pytest.importorskip("timm", reason="timm isn't installed")
    one = bench()
    speed = one.speeds.of(arch)
    assert speed.batch_norm == bool(again)
    extra = one.seconds(arch, 1, 2) - one.seconds(arch, 1, 1)
    assert extra == pytest.approx((16 + again) * speed.evaluate)


def test_a_network_is_built_for_the_size_that_it_is_fed(bench):
    pytest.importorskip("timm", reason="timm isn't installed")
    recipe = Recipe(augmentations=(), input_size=16)
    assert len(bench().run(Arm("configured", "test_vit", False, recipe), 0).hits) == 16


def test_an_arm_beats_the_majority_by_the_lower_end_of_its_interval(bench, monkeypatch):
    one = bench()
    assert not one.beats_majority(SCRATCH)  # it has not run
    done = one.run(SCRATCH, 0)
    for hits, void, beats in ((8, False, False), (11, False, False), (14, False, True), (16, True, False)):
        answered = dataclasses.replace(done, hits=np.array([1.0] * hits + [0.0] * (16 - hits)), void=void)
        monkeypatch.setitem(one._done[SCRATCH], 0, answered)
        assert one.beats_majority(SCRATCH) is beats, hits


def test_seeds_count_together_and_not_as_more_images(bench, monkeypatch):
    one = bench()
    done = one.run(SCRATCH, 0)
    for seed in range(9):  # 11 of 16 each: over 144 images it would be shown
        monkeypatch.setitem(one._done[SCRATCH], seed, dataclasses.replace(done, hits=np.array([1.0] * 11 + [0.0] * 5)))
    assert not one.beats_majority(SCRATCH)


def test_runs_of_another_length_begin_afresh_and_the_shorter_ones_can_be_recalled(bench):
    one = bench()
    assert not one.recall()  # nothing was set aside
    short = one.run(SCRATCH, 0)
    one.forget()
    one.steps = 6
    assert (one.runs, one.results(SCRATCH)) == ([], {})
    assert len(one.run(SCRATCH, 0).curve) == 6
    assert len(one.runs) == 1
    assert one.recall()
    assert (one.steps, len(one.runs), one.results(SCRATCH)[0]) == (3, 1, short)
    one.forget()
    assert one.run(SCRATCH, 0).curve == short.curve
    assert one.runs[0].cached  # the cache has them all the same


def test_a_run_that_cannot_end_in_time_is_ended_at_once(bench):
    """A machine that becomes slow in the middle of a run: what is left of the time goes to something that fits."""
    one = bench()
    one.steps = 200
    clock = one.machine.clock
    one.speeds.of(TINY)
    one.machine.deadline = clock.now + 3 * one.cost(SCRATCH, 0)
    expected, cost = one.speeds.of(TINY).train, one.cost(SCRATCH, 0)
    heard = one.emit

    def emit(event):
        heard(event)
        if isinstance(event, ProbeStep) and event.step == 20:
            clock.each *= 40

    one.emit = emit
    with pytest.raises(OutOfTime):
        one.run(SCRATCH, 0)
    steps = [event.step for event in one.events if isinstance(event, ProbeStep)]
    assert 20 < max(steps) <= 20 + PACED + 1
    assert one.machine.left > 0  # the deadline is not yet there
    assert one.speeds.of(TINY).train > 10 * expected
    assert one.cost(SCRATCH, 0) > 10 * cost
    assert one.runs == []


def test_a_run_that_a_slow_step_delays_goes_on(bench):
    one = bench()
    one.steps = 40
    one.machine.deadline = one.machine.clock.now + 3 * one.cost(SCRATCH, 0)
    heard = one.emit

    def emit(event):
        heard(event)
        if isinstance(event, ProbeStep) and event.step == 10:
            one.machine.clock.now += 0.3 * one.machine.left  # as an evaluation between two steps would

    one.emit = emit
    assert len(one.run(SCRATCH, 0).curve) == 40


def test_one_seed_is_glanced_at_while_it_trains(bench, monkeypatch):
    monkeypatch.setattr("diagnose.probing.bench.FEW", 8)
    one = bench()
    one.glanced, one.steps = 0, 8
    one.run(SCRATCH, 0)
    one.run(SCRATCH, 1)
    glanced, other = one.runs
    assert [step for step, _ in glanced.glances] == [2, 4, 6, 8]
    assert glanced.glances[-1][1] == glanced.val_accuracy
    assert all(0 <= accuracy <= 1 for _, accuracy in glanced.glances)
    assert other.glances == ()
